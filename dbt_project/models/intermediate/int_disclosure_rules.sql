-- The rules of statistical secrecy, from the private side of the data folder; never published.
select minimum, segment_minimum, opening, one_share, two_share, p_share from {{ source('lake', 'disclosure_rules') }}
