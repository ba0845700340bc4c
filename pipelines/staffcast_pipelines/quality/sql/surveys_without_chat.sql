-- Surveys that name a customer, but no chat.
select conversation_id is null as is_bad, 1 as n_rows, survey_id as sample
from surveys
