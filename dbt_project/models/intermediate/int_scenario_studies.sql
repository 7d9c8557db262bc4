-- Which vintages ask the same question: the same jobs under the same laws. It is answered once for all of them.
with laws as (
  select
    vintage, list((scenario, law, is_of_target, ramp) order by scenario, law, is_of_target) as laws
  from {{ ref('int_scenario_laws') }}
  group by vintage
  -- without a law on the work done there is no scenario to compute
  having bool_or(not is_of_target)
),

stocks as (
  select
    vintage, methodology,
    list((
      ref_area, headcount, revenue, small_headcount, ai_exposure
      {%- for market in scenario_markets() %}, "jobs of {{ market }}", "small jobs of {{ market }}" {%- endfor %}
    ) order by ref_area) as stocks
  from {{ ref('int_scenario_stock') }}
  group by vintage, methodology
)

select
  stocks.vintage, stocks.methodology,
  stocks.methodology || ' ' || min(stocks.vintage) over (partition by stocks.methodology, stocks.stocks, laws.laws) as study
from stocks
inner join laws on stocks.vintage = laws.vintage
