-- One row per value and per stretch of time during which it was the one known. What rests on a confidential
-- row keeps its place and loses its number. What an earlier build said of the time before this one's first vintage
-- stands; its last values go on, or end.
{% set key = 'indicator, ref_area, breakdown, scenario, freq, period, methodology' %}
{{ config(
  materialized='incremental', incremental_strategy='delete+insert', unique_key='receipt_id', on_schema_change='fail',
  pre_hook="{% if is_incremental() %}delete from {{ this }} where known_from >= {{ since() }}{% endif %}"
) }}
with vintages as (
  select vintage, row_number() over (order by vintage) as vintage_no, lead(vintage) over (order by vintage) as next_vintage
  from {{ ref('int_vintages') }}
),

protected as (
  select * replace (
    case when conf_status = 'F' then value end as value,
    case when conf_status = 'F' then lower end as lower,
    case when conf_status = 'F' then upper end as upper,
    case when conf_status = 'F' then class else 'unknown' end as class,
    case when conf_status = 'F' then obs_status else 'Q' end as obs_status,
    case when conf_status = 'F' then missing_reason else 'suppressed' end as missing_reason,
    'F' as conf_status
  )
  from {{ ref('indicator_vintages') }}
),

told as (
  select
    sector, indicator, ref_area, breakdown, scenario, freq, period, value, lower, upper, class, origin,
    obs_status, conf_status, missing_reason, methodology, unit, published_at, known_at,
    md5(concat_ws('|', {{ key }}, vintage)) as receipt_id,
    vintage as known_from, vintage_no, next_vintage
  from protected
  inner join vintages using (vintage)
  {% if is_incremental() %}
  union all
  select standing.* exclude (known_to), 0, (select min(vintage) from vintages)
  from {{ this }} as standing
  where known_from < {{ since() }} and (known_to is null or known_to >= {{ since() }})
  {% endif %}
),

readings as (
  select
    *,
    struct_pack(
      v := round(value, 9), l := round(lower, 9), u := round(upper, 9), c := class, s := obs_status,
      m := missing_reason, o := origin
    ) as content
  from told
),

marked as (
  select
    *,
    coalesce(
      lag(vintage_no) over line = vintage_no - 1 and lag(content) over line is not distinct from content, false
    ) as is_same
  from readings
  window line as (partition by {{ key }} order by vintage_no)
),

stretches as (
  select *, sum(case when is_same then 0 else 1 end) over (
    partition by {{ key }} order by vintage_no rows between unbounded preceding and current row
  ) as stretch
  from marked
),

bounded as (
  select
    *,
    last_value(next_vintage) over (
      partition by {{ key }}, stretch order by vintage_no rows between unbounded preceding and unbounded following
    ) as known_to
  from stretches
)

select
  sector, indicator, ref_area, breakdown, scenario, freq, period, value, lower, upper, class, origin,
  obs_status, conf_status, missing_reason, methodology, unit, published_at, known_at,
  receipt_id, known_from, known_to
from bounded
where not is_same
