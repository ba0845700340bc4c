-- Replace customers' keys.
update {{table}}
set {{column}} = p.fresh_key
from person_keys as p
where p.customer_key = {{table}}.{{column}}
