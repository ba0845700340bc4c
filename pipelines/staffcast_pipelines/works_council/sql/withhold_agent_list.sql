-- Of the agents only what the plan needs: how many chats each may hold.
select source, source_account, type, max_concurrency
from facts.agents
order by source, source_account, type, max_concurrency
