-- How much of each law bites on the horizon of each scenario, by what the register said at each vintage. A law that the
-- register does not hold has no line.
with asked as (
  {% for law in var('scenario_laws') -%}
  select '{{ law.code }}' as law, '{{ law.market }}' as market, false as is_of_target
  union all
  {% endfor -%}
  select law, target, true from {{ ref('int_scenario_targets') }} where law is not null
)

select
  vintages.vintage, scenarios.scenario, asked.law, asked.market, asked.is_of_target,
  {{ linear_ramp(
    'scenarios.horizon', '(regulations.in_force_on - interval 6 month)::date', '(regulations.in_force_on + interval 12 month)::date'
  ) }} as ramp,
  regulations.row_id, regulations.origin, regulations.published_at, regulations.known_at
from {{ ref('int_vintages') }} as vintages
cross join {{ ref('int_scenarios') }} as scenarios
cross join asked
inner join {{ ref('int_regulations') }} as regulations
  on asked.law = regulations.event_id and vintages.vintage >= regulations.known_from
  and (regulations.known_to is null or vintages.vintage < regulations.known_to)
where regulations.in_force_on is not null
