-- Which source's series is the headline one of its indicator and perimeter, and from when: the one that the sector
-- file names, once it has spoken; until then the one that spoke first, alone. A source that comes later starts a
-- series beside, and moves no trend.
with sources as (
  select indicator, methodology, source, min(known_from) as spoke_from
  from {{ ref('int_observations') }}
  group by indicator, methodology, source
),

first_ones as (
  select indicator, methodology, min_by(source, spoke_from) as source, spoke_from
  from sources
  where (indicator, methodology, spoke_from) in (
    select (indicator, methodology, min(spoke_from)) from sources group by indicator, methodology
  )
  group by indicator, methodology, spoke_from
  having count(*) = 1
),

named as (
  select sources.indicator, sources.methodology, max(sources.source) as source, min(sources.spoke_from) as spoke_from
  from sources
  inner join {{ source('sector', 'headline_series') }} as declared using (indicator, methodology, source)
  group by sources.indicator, sources.methodology
)

select indicator, methodology, source, spoke_from as headline_from, null::timestamp as headline_to from named
union all
select first_ones.indicator, first_ones.methodology, first_ones.source, first_ones.spoke_from, named.spoke_from
from first_ones
left join named on first_ones.indicator = named.indicator and first_ones.methodology = named.methodology
where named.source is null or named.spoke_from > first_ones.spoke_from
