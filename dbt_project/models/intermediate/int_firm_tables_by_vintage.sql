-- What each group gives to each cell of the tables of declarations, as last released at each vintage, with the status
-- that disclosure control gave to the cell. Private: an indicator adds up its cells, and those that are not free lose
-- their number before they are published.
with given as (
  select table_name, part, freq, period, ref_area, holding_id, value, source, origin, known_at, known_from, known_to
  from {{ ref('int_firm_contributions') }}
  union all
  select table_name, part, freq, period, 'MA', holding_id, sum(value), source, origin, known_at, known_from, known_to
  from {{ ref('int_firm_contributions') }}
  where is_additive and ref_area <> 'MA'
  group by all
),

parted as (
  select * from given
  union all
  select told.name, '_T', freq, period, ref_area, holding_id, sum(value), source, origin, known_at, known_from, known_to
  from given
  cross join (values ('headcount'), ('cr4')) as told (name)
  where table_name = 'headcount'
  group by all
),

releases as (
  select distinct vintages.vintage, cells.freq, cells.period, max(cells.released_at) as released_at
  from {{ ref('int_vintages') }} as vintages
  inner join {{ ref('firm_cells') }} as cells on cells.released_at <= vintages.vintage
  group by vintages.vintage, cells.freq, cells.period
)

select
  releases.vintage, parted.table_name, parted.part, parted.freq, parted.period, parted.ref_area, parted.holding_id,
  parted.value, parted.source, parted.origin, parted.known_at, cells.conf_status,
  'DECLARED' as methodology, 'A' as obs_status, 'measured' as class, null::timestamp as published_at,
  ['confidential:firm_returns'] as inputs
from releases
inner join parted
  on releases.freq = parted.freq and releases.period = parted.period
  and releases.released_at >= parted.known_from and (parted.known_to is null or releases.released_at < parted.known_to)
inner join {{ ref('firm_cells') }} as cells
  on releases.freq = cells.freq and releases.period = cells.period and releases.released_at = cells.released_at
  and parted.table_name = cells.table_name and parted.ref_area = cells.ref_area
  and cells.part = case when parted.table_name = 'headcount' then parted.part else '_T' end
