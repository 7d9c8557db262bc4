-- The followed texts that the register holds at each vintage: the work that each reaches, and what it does to it.
select vintage, event_id, market, activity, least_effect, greatest_effect
from {{ ref('int_legal_effects_by_vintage') }}
where missing_reason is distinct from 'not_collected'
