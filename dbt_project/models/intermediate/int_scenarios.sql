-- The scenarios of the sector: one line a file.
select * from {{ source('sector', 'scenarios') }}
