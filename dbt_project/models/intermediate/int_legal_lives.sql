-- The life of each text, as its facts make it.
select * from {{ ref('legal_lives') }}
