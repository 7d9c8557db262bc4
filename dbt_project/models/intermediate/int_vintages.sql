-- The moments at which what we knew changed, and the moment of the question itself; those that an earlier build
-- worked out stand in `indicator_history`, and are not asked for again.
with moments as (
  select known_from as vintage from {{ ref('int_observations') }}
  union all
  select known_from from {{ ref('int_regulations') }}
  union all
  select known_from from {{ ref('int_sites') }}
  union all
  select known_from from {{ ref('int_firm_returns') }}
  union all
  select {{ as_of() }}
)

select distinct vintage from moments where vintage >= {{ since() }} and vintage <= {{ as_of() }}
