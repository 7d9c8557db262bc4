-- What each scenario does to the jobs of each study, by city and in all: the interval of each measure over the draws,
-- and that of its difference with each other scenario, draw by draw. Private: cities are all there.
{% set markets = scenario_markets() %}
{% set targets = [] %}
{% set laws = [] %}
{% for law in var('scenario_laws') %}{% do laws.append({'code': law.code, 'market': law.market, 'ramp': '1'}) %}{% endfor %}
{% for target in var('scenario_targets') %}
  {% do laws.append({'code': 'IN ' ~ target, 'market': target, 'ramp': '1'}) %}
  {% do targets.append({'market': target, 'outbound': "(select outbound_share from " ~ ref('int_scenario_targets') ~ " where target = '" ~ target ~ "')"}) %}
{% endfor %}
{% set measures = ['gross_hit', 'net_loss', 'augmented', 'net_revenue', 'indirect_loss'] %}
with draws as ({{ scenario_draws() }}),

studies as (
  select study, methodology, min(vintage) as vintage from {{ ref('int_scenario_studies') }} group by study, methodology
),

supposed as (select * from {{ ref('int_scenario_parameters') }}),

-- a law that the register does not hold yet bites on nothing; what is covered is drawn with its ramp in it
covered as (
  select told.study, general.scenario, told.subject, coalesce(own.low, general.low) * told.ramp as low, coalesce(own.mode, general.mode) * told.ramp as mode,
    coalesce(own.high, general.high) * told.ramp as high
  from (
    select
      studies.study, scenarios.scenario, asked.law, asked.subject,
      coalesce(laws.ramp, 0) as ramp
    from studies
    cross join {{ ref('int_scenarios') }} as scenarios
    cross join (
      {% for law in var('scenario_laws') -%}
      select '{{ law.code }}' as law, '{{ law.code }}' as subject, false as is_of_target
      union all
      {% endfor -%}
      select law, 'IN ' || target, true from {{ ref('int_scenario_targets') }} where law is not null
    ) as asked
    left join {{ ref('int_scenario_laws') }} as laws
      on studies.vintage = laws.vintage and scenarios.scenario = laws.scenario and asked.law = laws.law
      and asked.is_of_target = laws.is_of_target
  ) as told
  inner join supposed as general on told.scenario = general.scenario and general.parameter = 'coverage' and general.subject is null
  left join supposed as own on told.scenario = own.scenario and own.parameter = 'coverage' and own.subject = told.law
  union all
  select studies.study, general.scenario, 'IN ' || targets.target, targets.risk_low, targets.risk_mode, targets.risk_high
  from studies
  cross join supposed as general
  cross join {{ ref('int_scenario_targets') }} as targets
  where general.parameter = 'coverage' and general.subject is null and targets.law is null
),

parameters as (
  select studies.study, supposed.scenario, supposed.parameter, supposed.subject, supposed.low, supposed.mode, supposed.high
  from studies
  cross join supposed
  where supposed.parameter <> 'coverage'
  union all
  select study, scenario, 'coverage', subject, low, mode, high from covered
),

-- the country is the sum of its cities; where nothing is known of cities it is one place
placed as (
  select studies.study, stock.*, sum(1) over (partition by studies.study) as n_places
  from studies
  inner join {{ ref('int_scenario_stock') }} as stock using (vintage, methodology)
),

cells as (
  select
    study, ref_area, headcount - small_headcount as headcount, revenue / headcount as revenue_per_job, ai_exposure, 0::double as closable
    {%- for market in markets %},
    "jobs of {{ market }}" - "small jobs of {{ market }}" as "jobs of {{ market }}", 0::double as "share of {{ market }}"
    {%- endfor %}
  from placed
  where ref_area <> 'MA' or n_places = 1
  union all
  select
    study, ref_area, small_headcount, revenue / headcount, ai_exposure,
    small_headcount {%- for market in markets %} - "small jobs of {{ market }}" {%- endfor %}
    {%- for market in markets %},
    "small jobs of {{ market }}", "small jobs of {{ market }}" / small_headcount
    {%- endfor %}
  from placed
  where (ref_area <> 'MA' or n_places = 1) and small_headcount > 0
),

{{ scenario_shocks('parameters', 'draws', markets + var('scenario_targets'), laws, targets, keys=['study']) }},

{{ scenario_totals('cells', 'shocks', 'ref_area', markets, keys=['study']) }},

intervals as ({{ scenario_intervals('totals', 'ref_area', measures, ['study']) }}),

differences as ({{ scenario_differences('totals', 'ref_area', ['net_loss'], 'one.scenario <> other.scenario', ['study']) }})

-- beyond a millionth of a job, and a dirham, the order in which a database adds doubles would show
{% set persons = ['gross_hit', 'net_loss', 'augmented', 'indirect_loss'] %}
select
  study, scenario, null::varchar as minus, case ref_area when '_T' then 'MA' else ref_area end as ref_area
  {%- for end in ['p05', 'p50', 'p95'] %}
  {%- for measure in persons %},
  round({{ measure }}_{{ end }}, 6) as {{ measure }}_{{ end }}
  {%- endfor %},
  round(net_revenue_{{ end }}) as net_revenue_{{ end }}
  {%- endfor %}
from intervals
where ref_area <> 'MA'
union all
select
  study, scenario, minus, case ref_area when '_T' then 'MA' else ref_area end
  {%- for end in ['p05', 'p50', 'p95'] %}
  {%- for measure in persons %},
  {% if measure == 'net_loss' %}round({{ measure }}_{{ end }}, 6){% else %}null{% endif %}
  {%- endfor %},
  null
  {%- endfor %}
from differences
where ref_area <> 'MA'
