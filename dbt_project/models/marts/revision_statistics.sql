-- How much, how often and which way each series is revised: the last figure known of a period minus the first.
-- Over the periods that were revised; the share that was is beside. The bias is the mean revision, judged by a t-test
-- whose standard error allows for neighbouring periods being revised together (Newey-West, Bartlett weights).
-- Only the series that the build may have changed are worked out again, and all indicators, which are few.
{{ config(
  materialized='incremental', incremental_strategy='delete+insert', unique_key=['subject', 'series_id'],
  on_schema_change='fail',
  pre_hook="{% if is_incremental() %}delete from {{ this }} where subject = 'indicator'{% endif %}"
) }}
with releases as (
  select * from {{ ref('revision_triangles') }}
  where subject = 'indicator' or series_id in (select series_id from {{ ref('int_moved') }})
),

periods as (
  select
    subject, series_id, period,
    arg_min(value, release_no) as first_value,
    arg_max(value, release_no) as last_value,
    count(value) as n_values,
    arg_max_null(value, release_no) is null as is_gone
  from releases
  group by subject, series_id, period
  having count(value) > 0
),

revised as (
  select
    *, last_value - first_value as revision,
    row_number() over (partition by subject, series_id order by period) as period_no,
    last_value - first_value - avg(last_value - first_value) over (partition by subject, series_id) as deviation
  from periods
  where n_values > 1 and not is_gone
),

moments as (
  select
    subject, series_id, count(*) as n_revised,
    {{ revision_moments('first_value', 'last_value') }},
    stddev_pop(revision) > 1e-9 * avg(abs(revision)) as is_dispersed
  from revised
  group by subject, series_id
),

-- the long-run variance of the revisions
variances as (
  select
    subject, series_id,
    sum(
      one.deviation * other.deviation
      * case one.period_no when other.period_no then 1 else 2 * (1 - (one.period_no - other.period_no) / (1 + {{ newey_west_lags('n_revised') }})) end
    ) / n_revised as variance
  from moments
  inner join revised as one using (subject, series_id)
  inner join revised as other using (subject, series_id)
  where n_revised >= {{ least_revised_periods() }} and is_dispersed
    and one.period_no - other.period_no between 0 and {{ newey_west_lags('n_revised') }}
  group by subject, series_id, n_revised
),

tested as (
  select moments.*, mean_revision / nullif(sqrt(variance / (n_revised - 1)), 0) as bias_t
  from moments
  left join variances using (subject, series_id)
),

counted as (
  select subject, series_id, count(*) as n_periods
  from periods
  group by subject, series_id
),

named as (
  select distinct on (subject, series_id)
    subject, series_id, label_fr, feed, indicator, ref_area, counterpart_area, breakdown, source, methodology, freq, unit
  from releases
  order by subject, series_id, period desc, release_no desc
),

judged as (
  select
    named.*, n_periods::integer as n_periods, coalesce(n_revised, 0)::integer as n_revised,
    round(100.0 * coalesce(n_revised, 0) / n_periods, 9) as revised_share_pct,
    {% for statistic in ['mean_revision', 'mean_absolute_revision', 'relative_mar_pct', 'root_mean_square_revision', 'upward_share_pct', 'bias_t'] -%}
    round({{ statistic }}, 9) as {{ statistic }},
    {% endfor -%}
    case when bias_t is not null then round({{ student_two_sided('bias_t', '(n_revised - 1)') }}, 9) end as bias_p,
    case
      when coalesce(n_revised, 0) < {{ least_revised_periods() }} then 'too_few_revisions'
      when bias_t is null then 'no_dispersion'
    end as bias_missing_reason,
    md5(concat_ws('|', 'revision_statistics', subject, series_id)) as receipt_id
  from named
  inner join counted using (subject, series_id)
  left join tested using (subject, series_id)
)

select
  * exclude (receipt_id),
  case
    when bias_missing_reason = 'too_few_revisions'
      then 'trop peu de révisions : ' || n_revised || ' sur ' || {{ least_revised_periods() }} || ' au moins'
    when bias_missing_reason = 'no_dispersion' then 'toutes les révisions sont égales'
    when bias_p >= 0.05 then 'pas de biais décelé'
    when mean_revision > 0 then 'la première valeur est trop basse'
    else 'la première valeur est trop haute'
  end as bias_fr,
  receipt_id
from judged
