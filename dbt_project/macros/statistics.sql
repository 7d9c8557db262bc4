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
