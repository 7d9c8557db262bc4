{# Fewer revised periods than this say nothing about a publisher's habits. #}
{% macro least_revised_periods() -%} 10 {%- endmacro %}

{# Lags of a Newey-West variance: the integer part of 4 (n / 100)^(2/9) (Newey and West, 1994). #}
{% macro newey_west_lags(n) -%} floor(4 * pow({{ n }} / 100.0, 2.0 / 9)) {%- endmacro %}

{# Two-sided probability that a Student variable of `dof` degrees (an integer, 2 at least) exceeds |t|: the finite
   series of Abramowitz and Stegun, 26.7.3 (odd) and 26.7.4 (even). #}
{% macro student_two_sided(t, dof) -%}
  {%- set angle = 'atan(abs(' ~ t ~ ') / sqrt(' ~ dof ~ '))' -%}
  {%- set terms -%}
    list_sum(list_transform(
      range(1, (({{ dof }}) // 2)::bigint),
      lambda k: pow(cos({{ angle }}), 2 * k) * list_product(list_transform(
        range(1, k + 1),
        lambda j: case when ({{ dof }}) % 2 = 0 then (2.0 * j - 1) / (2 * j) else 2.0 * j / (2 * j + 1) end
      ))
    ))
  {%- endset -%}
  greatest(0, 1 - case
    when ({{ dof }}) % 2 = 0 then sin({{ angle }}) * (1 + coalesce({{ terms }}, 0))
    else (2 / pi()) * ({{ angle }} + sin({{ angle }}) * cos({{ angle }}) * (1 + coalesce({{ terms }}, 0)))
  end)
{%- endmacro %}

{# Fewer years than this do not make a trend. #}
{% macro least_trend_years() -%} 8 {%- endmacro %}

{# Fewer weeks of watch than this do not say what is usual. #}
{% macro least_watched_weeks() -%} 8 {%- endmacro %}

{# How far a value stands from the median of its past, in robust standard deviations (Iglewicz and Hoaglin, 1993);
   missing where the past did not vary. `deviation` is the median absolute deviation. #}
{% macro robust_z(value, centre, deviation) -%}
  (({{ value }}) - ({{ centre }})) / nullif(1.4826 * ({{ deviation }}), 0)
{%- endmacro %}

{# Probability that a Poisson variable of that mean is `count` at most. #}
{% macro poisson_cumulated(count, mean) -%}
  list_sum(list_transform(range(0, {{ count }} + 1), lambda k: exp(-({{ mean }}) + k * ln({{ mean }}) - lgamma(k + 1))))
{%- endmacro %}

{# The mean at which a Poisson variable is `count` at most with probability `tail`, by eighty halvings. #}
{% macro poisson_mean(count, tail) -%}
  list_reduce(
    list_prepend(
      struct_pack(low := 0::double, high := 10::double + 5 * ({{ count }})),
      list_transform(range(80), lambda i: struct_pack(low := 0::double, high := 0::double))
    ),
    lambda around, next: case
      when {{ poisson_cumulated(count, '((around.low + around.high) / 2)') }} > {{ tail }}
        then struct_pack(low := (around.low + around.high) / 2, high := around.high)
      else struct_pack(low := around.low, high := (around.low + around.high) / 2)
    end
  ).low
{%- endmacro %}

{# The exact 95 % interval of a count (Garwood, 1936); `count` is a bigint, zero included. #}
{% macro garwood_lower(count) -%}
  case when {{ count }} = 0 then 0::double else {{ poisson_mean('(' ~ count ~ ' - 1)', '0.975::double') }} end
{%- endmacro %}
{% macro garwood_upper(count) -%} {{ poisson_mean(count, '0.025::double') }} {%- endmacro %}
