-- For each period of each group of series: how much of what usually ends up known is usually known at its age today.
-- Where the history is too short to tell, no number: how many periods are still to be followed.
with periods as (
  select
    {{ arrival_group() }}, period, any_value(ended_on) as ended_on, any_value(age_days) as age_days,
    bool_and(is_ripe) as is_ripe, count(*) as n_values
  from {{ ref('int_first_values') }}
  group by {{ arrival_group() }}, period
),

followed as (
  select {{ arrival_group() }}, count(distinct period) as n_periods
  from {{ ref('int_first_values') }}
  where is_followed and is_ripe
  group by {{ arrival_group() }}
),

reached as (
  select
    periods.*, coalesce(followed.n_periods, 0)::integer as n_periods,
    coalesce(max(curves.known_pct) filter (where curves.age_days <= periods.age_days), 0) as usual_pct,
    max(curves.known_amount_pct) filter (where curves.age_days <= periods.age_days) as usual_amount_pct
  from periods
  left join followed using ({{ arrival_group() }})
  left join {{ ref('completeness_curves') }} as curves using ({{ arrival_group() }})
  group by all
),

judged as (
  select
    *,
    case
      when age_days < 0 then 'open_period'
      when n_periods >= {{ least_followed_periods() }} or is_ripe then null
      else 'short_history'
    end as missing_reason
  from reached
)

select
  judged.feed, feeds.title as feed_title, judged.freq, judged.indicator,
  coalesce(subjects.label_fr, judged.indicator) as subject_fr,
  judged.source, coalesce(sources.label_fr, judged.source) as source_fr, judged.methodology, judged.period,
  {{ fr_period('judged.period', 'judged.freq') }} as period_fr,
  judged.ended_on, judged.age_days, judged.n_values::integer as n_values, judged.n_periods,
  case when judged.missing_reason = 'short_history' then ({{ least_followed_periods() }} - judged.n_periods)::integer end
    as n_periods_missing,
  case when judged.missing_reason is null and judged.n_periods >= {{ least_followed_periods() }} then judged.usual_pct end
    as completeness_pct,
  case when judged.missing_reason is null and judged.n_periods >= {{ least_followed_periods() }} then judged.usual_amount_pct end
    as completeness_amount_pct,
  case
    when judged.missing_reason = 'open_period' then false
    when judged.missing_reason is null
      then judged.n_periods < {{ least_followed_periods() }} or judged.usual_pct >= {{ complete_from_pct() }}
  end as is_complete,
  judged.missing_reason,
  case
    when judged.missing_reason = 'open_period' then 'période en cours'
    when judged.missing_reason = 'short_history'
      then 'complétude inconnue' || chr(8239) || ': il manque '
        || ({{ least_followed_periods() }} - judged.n_periods)
        || case when {{ least_followed_periods() }} - judged.n_periods > 1 then ' périodes suivies' else ' période suivie' end
        || ' jusqu''au bout'
    when judged.n_periods >= {{ least_followed_periods() }} and judged.usual_pct < {{ complete_from_pct() }}
      then 'provisoire' || chr(8239) || ': ' || {{ fr_number('judged.usual_pct', 0) }} || chr(8239)
        || '% de ce qui arrive d''habitude à cet âge'
    when judged.n_periods < {{ least_followed_periods() }} then 'délai habituel de parution passé'
    else 'complet'
  end as completeness_fr,
  md5(concat_ws('|', 'completeness', {% for name in arrival_group().split(', ') %}judged.{{ name }}, {% endfor %}judged.period)) as receipt_id
from judged
inner join {{ ref('int_feeds') }} as feeds on judged.feed = feeds.feed
left join {{ ref('codes') }} as subjects on subjects.list = 'subject' and subjects.code = judged.indicator
left join {{ ref('codes') }} as sources on sources.list = 'source' and sources.code = judged.source
