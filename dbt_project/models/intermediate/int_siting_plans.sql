-- How the sector's sites are to be placed.
select * from {{ source('sector', 'siting_plans') }}
