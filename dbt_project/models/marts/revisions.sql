-- Each time that what had been said of a closed period was said otherwise, or no longer said.
-- depends_on: {{ ref('int_moved') }}
{{ config(
  materialized='incremental', incremental_strategy='delete+insert', unique_key=['subject', 'series_id', 'period'],
  on_schema_change='fail',
  pre_hook="{% if is_incremental() %}delete from {{ this }} where subject = 'indicator'{% endif %}"
) }}
with releases as (
  {% if is_incremental() -%}
  select releases.* from {{ ref('revision_triangles') }} as releases
  inner join {{ ref('int_moved') }} as moved on releases.series_id = moved.series_id and releases.period = moved.period
  where releases.subject = 'observation'
  union all
  select * from {{ ref('revision_triangles') }} where subject = 'indicator'
  {%- else -%}
  select * from {{ ref('revision_triangles') }}
  {%- endif %}
),

steps as (
  select
    *,
    lag(value) over line as old_value,
    lag(lower) over line as old_lower,
    lag(upper) over line as old_upper,
    lag(value_text) over line as old_text,
    lag(is_withdrawn) over line as was_withdrawn,
    lag(document) over line as old_document,
    lag(receipt_id) over line as old_receipt_id,
    lag(known_from) over line as old_known_from
  from releases
  window line as (partition by subject, series_id, period order by release_no)
)

select
  steps.release_id as revision_id,
  case when steps.is_withdrawn then 'retrait' when steps.was_withdrawn then 'retour' else 'révision' end as kind,
  steps.subject, steps.series_id, steps.label_fr, steps.feed, steps.indicator,
  steps.ref_area, steps.counterpart_area, steps.breakdown, steps.source, steps.methodology, steps.freq, steps.period, steps.period_fr,
  steps.release_no, steps.unit,
  steps.old_value, steps.old_lower, steps.old_upper, steps.old_text,
  steps.value as new_value, steps.lower as new_lower, steps.upper as new_upper, steps.value_text as new_text,
  steps.value - steps.old_value as revision,
  round(100 * {{ ratio('steps.value - steps.old_value', 'abs(steps.old_value)') }}, 9) as revision_pct,
  steps.old_document, steps.document, steps.origin, steps.old_known_from, steps.known_from, steps.published_at,
  steps.receipt_id, steps.old_receipt_id,
  upper(steps.label_fr[1]) || steps.label_fr[2:]
    || case when steps.breakdown in ('_T', '_Z') then '' else ', ' || coalesce(codes.label_fr, steps.breakdown) end
    || case
      when coalesce(steps.counterpart_area, '_T') in ('_T', '_Z', 'W1') then ''
      else ', avec ' || coalesce(partners.label_fr, steps.counterpart_area)
    end
    || case when steps.ref_area = 'MA' then '' else ' (' || coalesce(places.name_fr, areas.label_fr, steps.ref_area) || ')' end
    || case when steps.source is null then '' else ', selon ' || coalesce(sources.label_fr, steps.source) end
    || case when steps.methodology = '_Z' then '' else ', ' || coalesce(perimeters.label_fr, steps.methodology) end
    as series_fr
from steps
left join {{ ref('int_places') }} as places on places.ref_area = steps.ref_area
left join {{ ref('codes') }} as areas on areas.list = 'area' and areas.code = steps.ref_area
left join {{ ref('codes') }} as partners on partners.list = 'area' and partners.code = steps.counterpart_area
left join {{ ref('codes') }} as codes on codes.list = 'breakdown' and codes.code = steps.breakdown
left join {{ ref('codes') }} as sources on sources.list = 'source' and sources.code = steps.source
left join {{ ref('codes') }} as perimeters on perimeters.list = 'methodology' and perimeters.code = steps.methodology
where steps.release_no > 1
