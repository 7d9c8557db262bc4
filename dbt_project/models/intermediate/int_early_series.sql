-- Which series tell early of which (the sector file).
select * from {{ source('sector', 'early_series') }}
