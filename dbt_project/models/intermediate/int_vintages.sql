-- The moments at which what we knew changed, and the moment of the question itself.
with moments as (
  select known_from as vintage from {{ ref('int_observations') }}
  union all
  select known_from from {{ ref('int_regulations') }}
  union all
  select known_from from {{ ref('int_sites') }}
  union all
  select {{ as_of() }}
)

select distinct vintage from moments where vintage <= {{ as_of() }}
