-- The texts whose effect the sector file asks to follow.
select distinct event_id from {{ source('sector', 'legal_focus') }}
