{# French writing of numbers, dates and periods; thousands and units stand after a narrow no-break space. #}
{% macro fr_number(number, decimals=0) -%}
  replace(replace(replace(format('{:,.{{ decimals }}f}', ({{ number }})::double), ',', chr(8239)), '.', ','), '-', '−')
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
    when 'W' then 'semaine du ' || {{ fr_date(period) }}
    when 'S' then case when month({{ period }}) = 1 then '1er' else '2e' end || ' semestre ' || year({{ period }})
    when 'Q' then case when quarter({{ period }}) = 1 then '1er' else quarter({{ period }}) || 'e' end || ' trimestre ' || year({{ period }})
    when 'M' then (['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'])[month({{ period }})] || ' ' || year({{ period }})
    else {{ fr_date(period) }}
  end
{%- endmacro %}

{# A figure in the digits its unit deserves, without its unit; zeros that say nothing are dropped. #}
{% macro fr_figure(number, unit) -%}
  case {{ unit }}
    when 'MAD_BN' then regexp_replace({{ fr_number(number, 3) }}, ',?0+$', '')
    when 'USD' then {{ fr_number('(' ~ number ~ ') / 1e6', 0) }}
    when 'PCT' then regexp_replace({{ fr_number(number, 1) }}, ',0$', '')
    when 'HOURS' then regexp_replace({{ fr_number(number, 1) }}, ',0$', '')
    when 'RATIO' then regexp_replace({{ fr_number('100 * (' ~ number ~ ')', 1) }}, ',0$', '')
    when 'INDEX' then {{ fr_number(number, 3) }}
    when 'NATS' then {{ fr_number(number, 3) }}
    else {{ fr_number(number, 0) }}
  end
{%- endmacro %}

{% macro fr_unit(unit) -%}
  case {{ unit }}
    when 'MAD_BN' then chr(8239) || 'Md' || chr(8239) || 'MAD'
    when 'MAD' then chr(8239) || 'MAD'
    when 'USD' then chr(8239) || 'M' || chr(8239) || 'USD'
    when 'PCT' then chr(8239) || '%'
    when 'RATIO' then chr(8239) || '%'
    when 'PS' then chr(8239) || 'emplois'
    when 'PS_PER_YEAR' then chr(8239) || 'emplois par an'
    when 'DAYS' then chr(8239) || 'jours'
    when 'PER_1000' then ' pour 1' || chr(8239) || '000 emplois'
    when 'HOURS' then chr(8239) || 'heures'
    else ''
  end
{%- endmacro %}

{# A reading as it is said: the value, or the interval where there is no single value. A share has a natural
   upper bound, and « des centaines » is how an order of magnitude is spoken. #}
{% macro fr_reading(value, lower, upper, unit) -%}
  case
    when {{ value }} is not null then {{ fr_figure(value, unit) }} || {{ fr_unit(unit) }}
    when {{ lower }} = 100 and {{ upper }} = 999 then 'des centaines' || case {{ unit }} when 'PS' then ' d''emplois' else '' end
    when {{ lower }} is not null and ({{ upper }} is null or ({{ unit }} = 'RATIO' and {{ upper }} = 1))
      then 'plus de ' || {{ fr_figure(lower, unit) }} || {{ fr_unit(unit) }}
    when {{ lower }} is not null then 'de ' || {{ fr_figure(lower, unit) }} || ' à ' || {{ fr_figure(upper, unit) }} || {{ fr_unit(unit) }}
    when {{ upper }} is not null then 'moins de ' || {{ fr_figure(upper, unit) }} || {{ fr_unit(unit) }}
  end
{%- endmacro %}

{# Two ends of a range in the same unit, without the unit; one figure when both ends are written alike. #}
{% macro fr_range(low, high, unit) -%}
  {{ fr_figure(low, unit) }} || case
    when {{ fr_figure(low, unit) }} = {{ fr_figure(high, unit) }} then '' else ' à ' || {{ fr_figure(high, unit) }}
  end
{%- endmacro %}

{# The unit of an observation, after its figure; a code that nobody named is written as it is. #}
{% macro fr_measure(unit) -%}
  case
    when {{ unit }} in ('PT', 'PC') then chr(8239) || '%'
    when {{ unit }} = 'USD' then chr(8239) || 'USD'
    when {{ unit }} = 'EUR_MN' then chr(8239) || 'M' || chr(8239) || 'EUR'
    when {{ unit }} = 'NB' then ''
    when {{ unit }} like 'MAD_PER_%' then chr(8239) || 'MAD'
    else {{ fr_unit(unit) }}
  end
{%- endmacro %}

{# A figure in the digits in which it was printed, without its unit, so that two vintages can be told apart: none
   after the point from 10 000 up, three at most below; a share as a percentage. #}
{% macro fr_exact(number, unit) -%}
  case
    when {{ unit }} in ('PT', 'RATIO') then regexp_replace({{ fr_number('100 * (' ~ number ~ ')', 2) }}, ',?0+$', '')
    when abs({{ number }}) >= 10000 then {{ fr_number(number, 0) }}
    else regexp_replace({{ fr_number(number, 3) }}, ',?0+$', '')
  end
{%- endmacro %}

{# One vintage of a reading, in words: the figure, or the interval where there is no single figure. #}
{% macro fr_vintage(value, lower, upper, unit) -%}
  case
    when coalesce({{ value }}, {{ lower }}, {{ upper }}) is null then 'sans valeur'
    else case
      when {{ value }} is not null then {{ fr_exact(value, unit) }}
      when {{ upper }} is null then 'plus de ' || {{ fr_exact(lower, unit) }}
      when {{ lower }} is null then 'moins de ' || {{ fr_exact(upper, unit) }}
      else 'de ' || {{ fr_exact(lower, unit) }} || ' à ' || {{ fr_exact(upper, unit) }}
    end || {{ fr_measure(unit) }}
  end
{%- endmacro %}
