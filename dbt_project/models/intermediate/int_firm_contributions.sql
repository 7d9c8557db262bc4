-- What each group gives to each part of each table by place: rates keep the same groups above and below the line.
-- Tables that add up give their cities, whose sum is the country; the others give the country too.
with rows as (select * from {{ ref('int_firm_returns') }}),

groups as (
  select
    holding_id, freq, period, load_id, source, origin, known_at, known_from, known_to,
    max(value) filter (where measure = 'top_client_share') as top_client_share,
    max(value) filter (where measure = 'has_ai') as has_ai,
    max(value) filter (where measure = 'has_label') as has_label,
    {{ ratio("sum(value * coalesce(outbound, 0)) filter (where measure = 'revenue')", "sum(value) filter (where measure = 'revenue')") }} as outbound
  from rows
  left join (
    select holding_id as h, load_id as l, freq as f, period as p, code as c, value as outbound
    from rows where measure = 'outbound_share'
  ) on measure = 'revenue' and holding_id = h and load_id = l and freq = f and period = p and code = c
  group by all
),

cities as (
  select
    holding_id, load_id, freq, period, ref_area,
    sum(value) filter (where measure = 'headcount') as headcount,
    sum(value) filter (where measure = 'leavers') as leavers,
    sum(value) filter (where measure = 'training_hours') as training_hours,
    sum(value) filter (where measure = 'trained') as trained,
    sum(value) filter (where measure = 'converted') as converted
  from rows
  where measure in ('headcount', 'leavers', 'training_hours', 'trained', 'converted')
  group by all
),

sites as (
  select cities.*, groups.top_client_share, groups.has_ai, groups.has_label, groups.outbound
  from cities
  inner join groups using (holding_id, load_id, freq, period)
),

-- the jobs of a group in a city, by the market of their revenue and whether the group is small: what a scenario reads.
-- A group that does not say how much of its work for each of its markets is outbound is left out: nothing stands for its
-- silence, and the tables below leave out the same, so that none tells of it by subtraction from another.
sold as (
  select
    rows.holding_id, rows.load_id, rows.freq, rows.period, sum(rows.value) as revenue,
    bool_and(outbounds.value is not null) as is_told
    {% for market in scenario_markets() %},
    sum(rows.value * outbounds.value) filter (where rows.code = '{{ market }}') as outbound_{{ loop.index }}
    {% endfor %}
  from rows
  left join rows as outbounds
    on rows.holding_id = outbounds.holding_id and rows.load_id = outbounds.load_id and rows.freq = outbounds.freq
    and rows.period = outbounds.period and rows.code = outbounds.code and outbounds.measure = 'outbound_share'
  where rows.measure = 'revenue'
  group by rows.holding_id, rows.load_id, rows.freq, rows.period
),

exposed as (
  select
    cities.holding_id, cities.load_id, cities.freq, cities.period, cities.ref_area, cities.headcount,
    sum(cities.headcount) over (partition by cities.holding_id, cities.load_id, cities.freq, cities.period) as total,
    total < sizes.mode as is_small, coalesce(sold.is_told and sold.revenue > 0, false) as is_told,
    sold.* exclude (holding_id, load_id, freq, period, is_told)
  from cities
  left join sold using (holding_id, load_id, freq, period)
  cross join (select mode from {{ ref('int_assumptions') }} where parameter = 'small_headcount') as sizes
  where cities.headcount > 0
),

-- a group whose every market says how much of its work is calls made
markets as (
  select
    sold.holding_id, sold.load_id, sold.freq, sold.period, sold.code as market, asked.value as outbound,
    sold.value / sum(sold.value) over (partition by sold.holding_id, sold.load_id, sold.freq, sold.period) as share
  from rows as sold
  left join rows as asked
    on asked.measure = 'outbound_share' and sold.holding_id = asked.holding_id and sold.load_id = asked.load_id
    and sold.freq = asked.freq and sold.period = asked.period and sold.code = asked.code
  where sold.measure = 'revenue' and sold.value > 0
  qualify bool_and(asked.value is not null) over (partition by sold.holding_id, sold.load_id, sold.freq, sold.period)
),

shares as (
  select
    markets.holding_id, markets.load_id, markets.freq, markets.period, reach.market, reach.activity,
    coalesce(sum(share * case reach.activity when 'outbound' then outbound else 1 - outbound end) filter (where markets.market = reach.market), 0) as share
  from markets
  cross join (select distinct market, activity from {{ ref('int_legal_reach') }}) as reach
  group by markets.holding_id, markets.load_id, markets.freq, markets.period, reach.market, reach.activity
),

-- what each group gives to the work that a followed text may reach; those that do not tell their markets are a part of their
-- own, for what the others are of all headcount must tell nothing of them
reached as (
  select
    reach.activity || '_' || reach.market as table_name, sites.holding_id, sites.load_id, sites.freq, sites.period, sites.ref_area,
    sites.headcount, round(sites.headcount * shares.share, 9) as reached
  from sites
  cross join (select distinct market, activity from {{ ref('int_legal_reach') }}) as reach
  left join shares using (holding_id, load_id, freq, period, market, activity)
  where sites.headcount > 0
),

given as (
  select 'headcount' as table_name, segment as part, true as is_additive, holding_id, load_id, freq, period, ref_area, value
  from rows
  where measure = 'headcount'
  {% for table, value, base in [
    ('turnover', 'leavers', 'headcount'),
    ('training_hours', 'training_hours', 'headcount'),
    ('training_coverage', 'trained', 'headcount'),
    ('client_top1', 'headcount * top_client_share', 'headcount'),
    ('label', 'headcount * has_label', 'headcount'),
    ('converted', 'converted', 'headcount * outbound'),
  ] %}
  union all
  select '{{ table }}', 'ABOVE', true, holding_id, load_id, freq, period, ref_area, {{ value }}
  from sites where {{ value }} is not null and {{ base }} > 0
  union all
  select '{{ table }}', 'BELOW', true, holding_id, load_id, freq, period, ref_area, {{ base }}
  from sites where {{ value }} is not null and {{ base }} > 0
  {% endfor %}
  union all
  select 'language', told.code, true, told.holding_id, told.load_id, told.freq, told.period, told.ref_area, told.value * sites.headcount
  from rows as told
  inner join sites using (holding_id, load_id, freq, period, ref_area)
  where told.measure = 'hours_share'
  union all
  select
    told.table_name, told.part, true, rows.holding_id, rows.load_id, rows.freq, rows.period, rows.ref_area, round(sum(rows.value * told.weight), 9)
  from rows
  inner join {{ ref('isco_scores') }} as scores on rows.code = scores.isco
  cross join lateral (
    values ('ai_exposure', 'ABOVE', scores.ilo_score), ('ai_exposure', 'BELOW', 1),
      ('ai_g4', 'ABOVE', case scores.gradient when 4 then 1 else 0 end), ('ai_g4', 'BELOW', 1)
  ) as told (table_name, part, weight)
  where rows.measure = 'occupied'
  group by all
  -- what the figures of a scenario tell apart must be many on each side: the large and the small, and those left out,
  -- whom the headcount of the place would give by subtraction
  union all
  select 'scenario', told.part, true, holding_id, load_id, freq, period, ref_area, told.value
  from exposed
  cross join lateral (
    values ('SILENT', case when not is_told then headcount end), ('JOBS', case when is_told then headcount end),
      (case when is_small then 'SMALL' else 'LARGE' end, case when is_told then headcount end),
      ('REVENUE', case when is_told then revenue * headcount / total end)
      {%- for market in scenario_markets() %},
      ('JOBS.{{ market }}', case when is_told then headcount * outbound_{{ loop.index }} / revenue end),
      (case when is_small then 'SMALL' else 'LARGE' end || '.{{ market }}', case when is_told then headcount * outbound_{{ loop.index }} / revenue end)
      {%- endfor %}
  ) as told (part, value)
  where told.value > 0
  union all
  select table_name, 'ABOVE', true, holding_id, load_id, freq, period, ref_area, reached from reached where reached is not null
  union all
  select table_name, case when reached is null then 'UNSAID' else 'BELOW' end, true, holding_id, load_id, freq, period, ref_area, headcount
  from reached
  union all
  select 'stack', code, false, holding_id, load_id, freq, period, 'MA', value
  from rows where measure = 'seats'
  union all
  select distinct 'adoption', case has_ai when 1 then 'YES' else 'NO' end, false, holding_id, load_id, freq, period, area.ref_area, 1
  from sites
  cross join lateral (select unnest([sites.ref_area, 'MA']) as ref_area) as area
  where has_ai is not null
)

select given.*, groups.source, groups.origin, groups.known_at, groups.known_from, groups.known_to
from given
inner join groups using (holding_id, load_id, freq, period)
