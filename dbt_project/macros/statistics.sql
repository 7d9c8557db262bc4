{# Statistics as SQL expressions. Nothing here is dbt's own, so that `vigie lab measure` renders the very same text.
   Those of a distribution are aggregates over `value`, one row a part; a part of zero is a part. #}

{# Ratio that is missing, never infinite, when there is nothing to divide by. #}
{% macro ratio(numerator, denominator) -%}
  ({{ numerator }})::double / nullif(({{ denominator }})::double, 0)
{%- endmacro %}

{# Herfindahl and Hirschman: the sum of squared shares, between 1/n and 1. #}
{% macro herfindahl(value) -%} {{ ratio('sum(' ~ value ~ ' * ' ~ value ~ ')', 'pow(sum(' ~ value ~ '), 2)') }} {%- endmacro %}

{# The form of the UN's economic vulnerability index, which is 0 when n parts are equal and 1 when one is all: by the
   square root, so that it is neither the index above nor that one put on the same scale. #}
{% macro root_concentration(value, n) -%}
  ({{ ratio('sqrt(sum(' ~ value ~ ' * ' ~ value ~ '))', 'sum(' ~ value ~ ')') }} - sqrt(1::double / {{ n }})) / nullif(1 - sqrt(1::double / {{ n }}), 0)
{%- endmacro %}

{# Shannon's entropy of the shares, in nats, written on the values themselves. #}
{% macro entropy(value) -%}
  ln(nullif(sum({{ value }}), 0)) - {{ ratio('sum(case when ' ~ value ~ ' > 0 then ' ~ value ~ ' * ln(' ~ value ~ ') else 0 end)', 'sum(' ~ value ~ ')') }}
{%- endmacro %}

{# Theil's distance from n equal parts, in nats. #}
{% macro theil(value, n) -%} ln(({{ n }})::double) - ({{ entropy(value) }}) {%- endmacro %}

{# Gini's coefficient: half the mean distance between two parts over their mean. #}
{% macro gini(value) -%}
  {{ ratio(
    '2 * list_sum(list_transform(list_sort(list(' ~ value ~ ')), lambda part, place: place * part))',
    'count(' ~ value ~ ') * sum(' ~ value ~ ')'
  ) }} - {{ ratio('count(' ~ value ~ ') + 1', 'count(' ~ value ~ ')') }}
{%- endmacro %}

{# The share of the k largest parts. #}
{% macro largest_share(value, k) -%}
  {{ ratio('list_sum(list_sort(list(' ~ value ~ "), 'DESC')[1:" ~ k ~ '])', 'sum(' ~ value ~ ')') }}
{%- endmacro %}

{# How many times a place's share of the sector its share of everything is (Florence 1939; Isard 1960); `country` names
   the window of all the places. #}
{% macro location_quotient(sector, whole, country='country') -%}
  {{ ratio(sector, whole) }} / nullif({{ ratio('sum(' ~ sector ~ ') over ' ~ country, 'sum(' ~ whole ~ ') over ' ~ country) }}, 0)
{%- endmacro %}

{# The three effects of a change of jobs (Dunn 1960), which sum to it: the country's growth, that of one's own mix of
   segments beyond it, and what is left. `ends` are four expressions: before and after in the place, in the country;
   `all_ends` two: the country's total. #}
{% macro national_effect(ends, all_ends) -%} {{ ends[0] }} * ({{ ratio(all_ends[1], all_ends[0]) }} - 1) {%- endmacro %}
{% macro mix_effect(ends, all_ends) -%}
  {{ ends[0] }} * ({{ ratio(ends[3], ends[2]) }} - {{ ratio(all_ends[1], all_ends[0]) }})
{%- endmacro %}
{% macro own_effect(ends) -%} {{ ends[1] }} - {{ ends[0] }} * {{ ratio(ends[3], ends[2]) }} {%- endmacro %}

{# The standard error of what is left of a series around its log-linear trend (UN economic vulnerability index). What is left
   of a series that follows its trend is rounding: it depends on the order of the sums, so less than 1e-12 of the whole is 0. #}
{% macro trend_error(value, time) -%}
  {%- set whole = 'regr_syy(ln(' ~ value ~ '), ' ~ time ~ ')' -%}
  {%- set left = whole ~ ' - pow(regr_sxy(ln(' ~ value ~ '), ' ~ time ~ '), 2) / nullif(regr_sxx(ln(' ~ value ~ '), ' ~ time ~ '), 0)' -%}
  case
    when count(*) <= 2 then null
    when {{ left }} <= 1e-12 * {{ whole }} then 0
    else sqrt({{ ratio(left, 'count(*) - 2') }})
  end
{%- endmacro %}

{# An end of the Wilson interval of k out of n at 95 % (Wilson 1927). #}
{% macro wilson(k, n, sign) -%}
  greatest(0, least(1, (({{ k }} + 1.959963984540054 * 1.959963984540054 / 2) {{ sign }} 1.959963984540054 * sqrt({{ k }} * ({{ n }} - {{ k }})::double / {{ n }} + 1.959963984540054 * 1.959963984540054 / 4))
  / ({{ n }} + 1.959963984540054 * 1.959963984540054)))
{%- endmacro %}

{# Benjamini and Hochberg (1995): the least rate of false discoveries at which each p-value of a family would be kept.
   `place` is its rank, the least p first, `n` how many there are, `family` the columns that name the family. #}
{% macro false_discovery_rate(p, place, n, family) -%}
  min(least(1, {{ p }} * {{ n }} / {{ place }})) over (
    partition by {{ family }} order by {{ place }} rows between current row and unbounded following
  )
{%- endmacro %}

{# How two ends of a series compare, as a steady growth a period. #}
{% macro compound_growth(first, last, periods) -%}
  pow({{ ratio(last, first) }}, 1::double / nullif({{ periods }}, 0)) - 1
{%- endmacro %}

{# How far the last figures of some periods are from the first, in their unit; the relative mean is in percent of the
   last figures, and so is the share of the revisions that raised. #}
{% macro revision_moments(first, last) -%}
    avg({{ last }} - {{ first }}) as mean_revision,
    avg(abs({{ last }} - {{ first }})) as mean_absolute_revision,
    100 * {{ ratio('sum(abs(' ~ last ~ ' - ' ~ first ~ '))', 'sum(abs(' ~ last ~ '))') }} as relative_mar_pct,
    sqrt(avg(pow({{ last }} - {{ first }}, 2))) as root_mean_square_revision,
    100 * avg(case when {{ last }} > {{ first }} then 1.0 else 0.0 end) as upward_share_pct
{%- endmacro %}

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

{# The probability of `count` or more where the rate of an event has a gamma law of that shape, seen over so many articles,
   and the count is that of `more` others: the negative binomial, which is Poisson's law once the rate is sure. #}
{% macro negative_binomial_tail(count, shape, seen, more) -%}
  greatest(0, 1 - coalesce(list_sum(list_transform(
    range(0, ({{ count }})::bigint),
    lambda j: exp(
      lgamma({{ shape }} + j) - lgamma({{ shape }}) - lgamma(j + 1.0)
      + {{ shape }} * ln(({{ seen }})::double / ({{ seen }} + {{ more }})) + j * ln(({{ more }})::double / ({{ seen }} + {{ more }}))
    )
  )), 0))
{%- endmacro %}
