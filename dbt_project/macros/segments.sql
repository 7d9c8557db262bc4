{# A statistic of the five segments of one release and one period, said only when all five are known.
   `statistic` is SQL over the column `value`, one row a segment. #}
{% macro of_five_segments(indicator, unit, statistic) %}
with segments as (
  select * from {{ ref('int_exports') }} where segment in ({{ segments() }})
),

-- a source that splits its total: where one segment is missing, the statistic is missing too, says so,
-- and rests on what shows that the total is split
splitting as (
  select
    vintage, source, methodology,
    list_sort(list_distinct(flatten(list(inputs)))) as witness
  from segments
  group by vintage, source, methodology
  having count(distinct segment) >= 3
),

shared as (
  select
    vintage, ref_area, source, methodology, is_headline, freq, period,
    count(distinct segment) as n_segments,
    {{ statistic }} as value,
    any_value(witness) as witness,
    {{ inherited() }}
  from segments
  inner join splitting using (vintage, source, methodology)
  group by vintage, ref_area, source, methodology, is_headline, freq, period
)

{{ reading(indicator, unit, value='value', breakdown=breakdown("'_T'"),
  missing_reason="case when n_segments < 5 or value is null then 'not_published' end",
  inputs="case when n_segments < 5 or value is null then list_sort(list_distinct(inputs || witness)) else inputs end") }}
from shared
{% endmacro %}
