-- A new contact changes the gaps of the customer's conversations before and after it.
update facts.main.fact_conversation f
set
    next_issue_gap_us = r.next_issue_gap_us,
    next_any_gap_us = r.next_any_gap_us,
    next_chat_gap_us = r.next_chat_gap_us,
    prev_issue_gap_us = r.prev_issue_gap_us
from stg_repeat r
where
    r.conversation_key = f.conversation_key
    and (
        f.next_issue_gap_us is distinct from r.next_issue_gap_us
        or f.next_any_gap_us is distinct from r.next_any_gap_us
        or f.next_chat_gap_us is distinct from r.next_chat_gap_us
        or f.prev_issue_gap_us is distinct from r.prev_issue_gap_us
    );

drop table work.main.fact_contact
