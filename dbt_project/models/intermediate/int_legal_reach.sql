-- The work that each followed text reaches, calls made (outbound) apart from the rest (inbound): a text that reaches all of
-- a market has a row for each.
select focus.event_id, focus.market, kinds.activity
from {{ ref('int_legal_focus') }} as focus
inner join (values ('outbound'), ('inbound')) as kinds (activity) on focus.activity in (kinds.activity, '_T')
