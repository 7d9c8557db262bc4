{# Every indicator ends in this macro: one contract, one order, one type for each column.
   A reading with a reason for being missing has no value, whatever was computed. Nine decimals: beyond
   them the order in which a database adds doubles would show. #}
{% macro reading(
  indicator, unit, value='null', lower='null', upper='null', class='class', missing_reason='null',
  ref_area='ref_area', breakdown="'_T'", scenario="'_Z'", freq='freq', period='period', methodology='methodology',
  origin='origin', obs_status='obs_status', conf_status='conf_status',
  published_at='published_at', known_at='known_at', inputs='inputs', vintage='vintage'
) %}
select
  '{{ var("sector") }}'::varchar as sector,
  '{{ indicator }}'::varchar as indicator,
  ({{ ref_area }})::varchar as ref_area,
  ({{ breakdown }})::varchar as breakdown,
  ({{ scenario }})::varchar as scenario,
  ({{ freq }})::varchar as freq,
  ({{ period }})::timestamp as period,
  case when ({{ missing_reason }}) is null then round(({{ value }})::double, 9) end as value,
  case when ({{ missing_reason }}) is null then round(({{ lower }})::double, 9) end as lower,
  case when ({{ missing_reason }}) is null then round(({{ upper }})::double, 9) end as upper,
  case when ({{ missing_reason }}) is null then ({{ class }})::varchar else 'unknown' end as class,
  ({{ origin }})::varchar as origin,
  case coalesce({{ missing_reason }}, '')
    when '' then ({{ obs_status }})::varchar
    when 'not_collected' then 'L'
    -- a break is why there is no number, and is said as such
    when 'not_applicable' then case when ({{ obs_status }}) = 'B' then 'B' else 'M' end
    when 'suppressed' then 'Q'
    else 'O'
  end as obs_status,
  coalesce({{ conf_status }}, 'F')::varchar as conf_status,
  ({{ missing_reason }})::varchar as missing_reason,
  ({{ methodology }})::varchar as methodology,
  '{{ unit }}'::varchar as unit,
  ({{ published_at }})::timestamp as published_at,
  ({{ known_at }})::timestamp as known_at,
  ({{ inputs }})::varchar[] as inputs,
  ({{ vintage }})::timestamp as vintage
{% endmacro %}

{# An indicator whose inputs no feed brings: in the catalogue, without a reading. Its sheet says which datum would
   fill it (`needs`) and who holds it (`held_by`), and that is what the screen says. #}
{% macro no_reading(indicator, unit) %}
{{ reading(indicator, unit, class="'unknown'", ref_area='null', freq='null', period='null', methodology='null', origin='null',
  obs_status="'L'", conf_status="'F'", published_at='null', known_at='null', inputs='[]', vintage='null') }}
where false
{% endmacro %}

{# What a computed value inherits from the rows it is made of: the weakest origin, status and class,
   the strictest confidentiality, the latest dates, and the list of the rows themselves (`inputs_where` where
   more rows decide than give their value). #}
{% macro inherited(where='true', inputs_where=none) %}
  case
    when bool_or(origin = 'invented') filter (where {{ where }}) then 'invented'
    when bool_or(origin = 'retyped') filter (where {{ where }}) then 'retyped'
    else max(origin) filter (where {{ where }})
  end as origin,
  case
    {% for status in ['Q', 'O', 'B', 'D', 'E', 'F', 'P'] -%}
    when bool_or(obs_status = '{{ status }}') filter (where {{ where }}) then '{{ status }}'
    {% endfor -%}
    else max(obs_status) filter (where {{ where }})
  end as obs_status,
  coalesce(max(conf_status) filter (where conf_status <> 'F' and {{ where }}), 'F') as conf_status,
  case
    {% for class in ['unknown', 'claimed', 'modelled', 'bounded'] -%}
    when bool_or(class = '{{ class }}') filter (where {{ where }}) then '{{ class }}'
    {% endfor -%}
    else 'measured'
  end as class,
  max(published_at) filter (where {{ where }}) as published_at,
  max(known_at) filter (where {{ where }}) as known_at,
  list_sort(list_distinct(flatten(list(inputs) filter (where {{ inputs_where or where }})))) as inputs
{% endmacro %}

{# Why a cell is empty, by the SDMX status that its publisher gave it. #}
{% macro reason_of(obs_status) -%}
  case {{ obs_status }} when 'L' then 'not_collected' when 'M' then 'not_applicable' when 'Q' then 'suppressed' else 'not_published' end
{%- endmacro %}

{# A breakdown names its source only where it is not the headline one of its perimeter. #}
{% macro breakdown(code) -%}
  {{ code }} || case when is_headline then '' else '@' || source end
{%- endmacro %}

{# The five segments that make up the current perimeter, and those of higher value among them. #}
{% macro segments() -%} 'ITO', 'CRM', 'ESO', 'BPO', 'KPO' {%- endmacro %}
{% macro higher_value_segments() -%} 'ITO', 'ESO', 'KPO' {%- endmacro %}
