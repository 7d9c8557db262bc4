-- What an event of each type weighs in the pressure of the news; a type without a line weighs nothing.
select * from {{ source('sector', 'event_severities') }}
