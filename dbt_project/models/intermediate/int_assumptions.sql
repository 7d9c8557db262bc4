-- What the sector file supposes: a choice of method, so that it holds at every vintage, whenever it was written.
select * from {{ source('sector', 'assumptions') }}
