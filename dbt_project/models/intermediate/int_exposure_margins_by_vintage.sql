-- What is known, at each vintage, of the sums of one table: jobs of call centres by city, market and kind of work. What is
-- said of the whole is the range of what is said of the latest year; sites whose headcount is printed are a floor of their
-- city. The share of a market is one of revenue: jobs are supposed to follow it.
with said as (
  select
    vintage, indicator, period, coalesce(lower, value) as least, coalesce(upper, value) as greatest, source,
    origin, obs_status, conf_status, class, published_at, known_at, inputs
  from {{ ref('int_observations_by_vintage') }}
  where methodology = 'CRM' and ref_area = 'MA' and segment = '_T' and conf_status = 'F'
    and indicator in ('employment', 'market_share_france', 'outbound_share')
    and coalesce(lower, value) is not null and coalesce(upper, value) is not null
  qualify year(period) = max(year(period)) over (partition by vintage, indicator)
),

sites as (
  select
    vintages.vintage, sites.ref_area, coalesce(places.name_fr, sites.ref_area) as name_fr, sites.headcount, sites.as_of, sites.source,
    sites.origin, 'A' as obs_status, 'F' as conf_status, 'claimed' as class, sites.published_at, sites.known_at, [sites.row_id] as inputs
  from {{ ref('int_sites') }} as sites
  inner join {{ ref('int_vintages') }} as vintages
    on vintages.vintage >= sites.known_from and (sites.known_to is null or vintages.vintage < sites.known_to)
  left join {{ ref('int_places') }} as places on sites.ref_area = places.ref_area
  where sites.is_counted and sites.headcount is not null
)

select
  vintage, null::varchar as city,
  case indicator when 'market_share_france' then 'FR' end as market,
  case indicator when 'outbound_share' then 'outbound' end as activity,
  indicator <> 'employment' as is_share,
  min(least) as lower, max(greatest) as upper, date_trunc('year', max(period)) as period,
  case indicator when 'employment' then 'emplois des centres d''appels' when 'outbound_share' then 'part de l''appel sortant'
    else 'part de la France' end || ', ' || year(max(period)) as name,
  string_agg(distinct source, ', ' order by source) as source,
  {{ inherited() }}
from said
group by vintage, indicator
union all
select
  vintage, ref_area, null, null, false, sum(headcount), null, date_trunc('year', max(as_of)),
  'emplois relevés à ' || name_fr || ', ' || case when year(min(as_of)) = year(max(as_of)) then '' else year(min(as_of)) || '-' end || year(max(as_of)),
  string_agg(distinct source, ', ' order by source),
  {{ inherited() }}
from sites
group by vintage, ref_area, name_fr
