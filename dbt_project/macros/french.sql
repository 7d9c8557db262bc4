{# French writing of numbers, dates and periods; thousands and units stand after a narrow no-break space. #}
{% macro fr_number(number, decimals=0) -%}
  replace(replace(replace(format('{:,.{{ decimals }}f}', ({{ number }})::double), ',', chr(8239)), '.', ','), '-', '−')
{%- endmacro %}

{% macro fr_quantity(number, unit, decimals=0) -%}
  {{ fr_number(number, decimals) }} || chr(8239) || {{ unit }}
{%- endmacro %}

{% macro fr_date(day) -%}
  case when {{ day }} is not null then
    case when day({{ day }}) = 1 then '1er' else day({{ day }})::varchar end || ' '
    || (['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'])[month({{ day }})]
    || ' ' || year({{ day }})
  end
{%- endmacro %}

{% macro fr_period(period, freq) -%}
  case {{ freq }}
    when 'A' then year({{ period }})::varchar
    when 'S' then case when month({{ period }}) = 1 then '1er' else '2e' end || ' semestre ' || year({{ period }})
    when 'Q' then case when quarter({{ period }}) = 1 then '1er' else quarter({{ period }}) || 'e' end || ' trimestre ' || year({{ period }})
    when 'M' then (['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'])[month({{ period }})] || ' ' || year({{ period }})
    else {{ fr_date(period) }}
  end
{%- endmacro %}

{# A reading as it is said: the value, or the interval where there is no single value. #}
{% macro fr_amount(number, unit) -%}
  case {{ unit }}
    when 'MAD_BN' then regexp_replace({{ fr_number(number, 3) }}, ',?0+$', '') || chr(8239) || 'Md' || chr(8239) || 'MAD'
    when 'MAD' then {{ fr_number(number, 0) }} || chr(8239) || 'MAD'
    when 'USD' then {{ fr_number('(' ~ number ~ ') / 1e6', 0) }} || chr(8239) || 'M' || chr(8239) || 'USD'
    when 'PCT' then {{ fr_number(number, 1) }} || chr(8239) || '%'
    when 'RATIO' then {{ fr_number('100 * (' ~ number ~ ')', 1) }} || chr(8239) || '%'
    when 'PS' then {{ fr_number(number, 0) }} || chr(8239) || 'emplois'
    when 'PS_PER_YEAR' then {{ fr_number(number, 0) }} || chr(8239) || 'emplois par an'
    when 'DAYS' then {{ fr_number(number, 0) }} || chr(8239) || 'jours'
    else {{ fr_number(number, 3) }}
  end
{%- endmacro %}

{% macro fr_reading(value, lower, upper, unit) -%}
  case
    when {{ value }} is not null then {{ fr_amount(value, unit) }}
    when {{ lower }} is not null and {{ upper }} is not null
      then 'de ' || {{ fr_amount(lower, unit) }} || ' à ' || {{ fr_amount(upper, unit) }}
    when {{ lower }} is not null then 'au moins ' || {{ fr_amount(lower, unit) }}
    when {{ upper }} is not null then 'au plus ' || {{ fr_amount(upper, unit) }}
  end
{%- endmacro %}
