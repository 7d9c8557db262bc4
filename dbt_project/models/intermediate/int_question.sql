-- The day of the question, for what is computed in Python.
select {{ local_day(as_of()) }} as asked_on
