-- Costs made anew take the place of those before: of changed days, of these conversations with the bot, all recorded.
delete from facts.main.fact_cost f
where
    f.cost_kind not in ('agents', 'bot')
    or (f.cost_kind = 'bot' and f.conversation_key is null)
    or (
        f.cost_kind = 'bot'
        and exists (select * from work.main.fact_conversation c where c.conversation_key = f.conversation_key)
    )
    or (
        f.cost_kind = 'bot'
        and exists (select * from scope s where s.conversation_key = f.conversation_key)
    )
    or (
        f.cost_kind = 'agents'
        and exists (select * from changed_day d where d.agent_id = f.agent_id and d.local_date = f.overlap_date)
    );

insert into facts.main.fact_cost by name from work.main.fact_cost;

drop table work.main.fact_cost;

drop table work.main.fact_agent_state;

drop table work.main.fact_leg_load;

drop table work.main.fact_conversation
