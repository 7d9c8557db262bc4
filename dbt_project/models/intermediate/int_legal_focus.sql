-- The texts whose effect the sector file asks to follow, their French name, and the work that each reaches.
select distinct event_id, label_fr, market, activity from {{ source('sector', 'legal_focus') }}
