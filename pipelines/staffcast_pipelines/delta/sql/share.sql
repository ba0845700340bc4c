-- Conversations to be built again, and all that were built.
select (select count(*) from dirty) as n_dirty, (select count(*) from base.main.fact_conversation) as n_built
