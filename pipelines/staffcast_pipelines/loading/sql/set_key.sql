-- A key of the chain, for the functions of this connection only.
set variable {{variable}} = $1
