-- How long a promise is waited for before it is said to be late.
select * from {{ source('sector', 'event_patience') }}
