-- The texts whose effect the sector file asks to follow, and the work that each reaches.
select distinct event_id, market, activity from {{ source('sector', 'legal_focus') }}
