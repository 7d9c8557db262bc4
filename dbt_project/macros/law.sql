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

{# What several texts do to one and the same work, a row each: the part that one at least covers, as if they chose apart from
   each other. Its bounds are exact whatever they choose: the widest alone at least, all side by side at most. Nothing where
   one of them says nothing. #}
{% macro united(effect='effect') -%} case when count({{ effect }}) = count(*) then 1 - product(1 - {{ effect }}) end {%- endmacro %}
{% macro united_least(effect='least_effect') -%} max({{ effect }}) {%- endmacro %}
{% macro united_greatest(effect='greatest_effect') -%} least(1, sum({{ effect }})) {%- endmacro %}

{# Each work that groups declare and that a followed text may reach (its market, calls made or the rest), by place: `reached`
   persons of the `headcount` of the same groups. Common table expressions that end in `texts`: each work beside each text
   that reaches it, and the rows of the text that count (`of_text`). #}
{% macro declared_works(of_text='effects.inputs') -%}
works as (
  select
    told.vintage, told.freq, told.period, told.ref_area, told.methodology, reach.market, reach.activity,
    coalesce(sum(told.value) filter (where told.part = 'ABOVE'), 0) as reached,
    sum(told.value) filter (where told.part = 'BELOW') as headcount,
    {{ inherited() }}
  from {{ ref('int_firm_tables_by_vintage') }} as told
  inner join (select distinct market, activity from {{ ref('int_legal_reach') }}) as reach
    on told.table_name = reach.activity || '_' || reach.market
  group by told.vintage, told.freq, told.period, told.ref_area, told.methodology, reach.market, reach.activity
  having sum(told.value) filter (where told.part = 'BELOW') > 0
),

texts as (
  select
    works.* replace (
      case when 'invented' in (works.origin, coalesce(effects.origin, '')) then 'invented'
        when 'retyped' in (works.origin, coalesce(effects.origin, '')) then 'retyped' else works.origin end as origin,
      greatest(works.published_at, effects.published_at) as published_at,
      greatest(works.known_at, effects.known_at) as known_at,
      list_distinct(works.inputs || {{ of_text }}) as inputs
    ),
    effects.event_id, effects.missing_reason, effects.least_effect, effects.effect, effects.greatest_effect
  from works
  inner join {{ ref('int_legal_effects_by_vintage') }} as effects
    on works.vintage = effects.vintage and works.market = effects.market and works.activity = effects.activity
)
{%- endmacro %}
