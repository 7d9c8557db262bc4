-- From which moment this build goes on from the last one, in microseconds of the Unix epoch; no row when it starts from
-- nothing. A fact of the build, not of the code: what reads it is the same SQL in both, and a receipt executes it again.
select since_us from {{ source('lake', 'resumed') }}
