{# The ramp of each followed text, month by month and on the day of each vintage: nothing until six months before it
   binds, everything twelve months after, a straight line between; `step` is the law's own, all or nothing.
   Common table expressions that end in `ramps`: the row of the register, freq, day, ramp, step. #}
{% macro legal_ramps() -%}
focus as (
  select
    vintages.vintage, regulations.*,
    regulations.in_force_on - interval 6 month as starts_on,
    regulations.in_force_on + interval 12 month as completes_on
  from {{ ref('int_regulations') }} as regulations
  inner join {{ ref('int_legal_focus') }} as followed on regulations.event_id = followed.event_id
  inner join {{ ref('int_vintages') }} as vintages
    on vintages.vintage >= regulations.known_from
    and (regulations.known_to is null or vintages.vintage < regulations.known_to)
  where regulations.in_force_on is not null
),

days as (
  select *, 'M' as freq, unnest(generate_series(
    date_trunc('month', starts_on), date_trunc('month', completes_on) + interval 1 month, interval 1 month
  )) as day
  from focus
  union all
  select *, 'D', date_trunc('day', vintage) from focus
),

ramps as (
  select
    *,
    {{ linear_ramp('day::date', 'starts_on::date', 'completes_on::date') }} as ramp,
    case when day::date >= in_force_on then 1::double else 0::double end as step
  from days
)
{%- endmacro %}
