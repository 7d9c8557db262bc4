-- Every number that is missing, in words: which, for which period, why, and whom it waits for.
with waited as (
  select
    catalogue.indicator, absences.reason,
    arg_min(absences.reason_fr, absences.feed) as reason_fr,
    arg_min(absences.feed, absences.feed) as feed,
    min(absences.expected_by) as expected_by
  from {{ ref('indicators') }} as catalogue
  inner join {{ ref('int_feed_absences') }} as absences on list_contains(catalogue.feeds, absences.feed)
  group by catalogue.indicator, absences.reason
),

-- sums that cannot hold together, and followed texts that the register does not hold, today
contradicted as (
  select ref_area, breakdown, conflict from {{ ref('int_exposure_bounds_by_vintage') }}
  where conflict is not null and vintage = (select max(vintage) from {{ ref('int_vintages') }})
),

unregistered as (
  select distinct event_id from {{ ref('int_legal_effects_by_vintage') }}
  where missing_reason = 'not_collected' and vintage = (select max(vintage) from {{ ref('int_vintages') }})
),

counted as (
  select *, bool_and(missing_reason is not null) over (partition by indicator) as is_whole
  from {{ ref('indicator_values') }}
)

select
  missing.receipt_id, missing.indicator, catalogue.label_fr, missing.ref_area, missing.breakdown,
  coalesce(breakdowns.label_fr, missing.breakdown) as breakdown_fr,
  missing.scenario, missing.freq, missing.period,
  {{ fr_period('missing.period', 'missing.freq') }} as period_fr,
  missing.methodology,
  case missing.methodology when '_Z' then 'sans objet' else coalesce(perimeters.label_fr, missing.methodology) end as methodology_fr,
  missing.unit, missing.origin, missing.missing_reason,
  case
    when contradicted.conflict is not null then 'inconnu : ' || contradicted.conflict
    when unregistered.event_id is not null and missing.missing_reason = 'not_collected' then 'non collecté : le registre des textes ne tient pas cette loi'
    when missing.obs_status = 'B' then 'sans objet : rupture de série, aucun taux ne la traverse'
    when missing.missing_reason = 'not_applicable' and missing.methodology <> '_Z' then 'sans objet : changement de périmètre ou de définition'
    when missing.missing_reason = 'not_published' and missing.period < date_trunc('year', {{ as_of() }}) then 'non publié'
    when missing.missing_reason = 'not_collected' and waited.reason is null and catalogue.needs is not null
      then 'non collecté : il faudrait ' || catalogue.needs || ' (détenteur : ' || catalogue.held_by || ')'
    when missing.missing_reason in ('late', 'source_dead', 'quarantined', 'not_collected') and waited.reason is not null then waited.reason_fr
    else reasons.label_fr
  end as missing_fr,
  waited.feed,
  case when missing.missing_reason in ('late', 'source_dead') then waited.expected_by end as expected_by,
  coalesce(requests.holders, catalogue.held_by) as holders,
  missing.is_whole
from counted as missing
inner join {{ ref('indicators') }} as catalogue on missing.indicator = catalogue.indicator
-- what a computation itself lacks is no feed's silence
left join {{ ref('indicator_history') }} as told on missing.receipt_id = told.receipt_id
left join waited
  on missing.indicator = waited.indicator and missing.missing_reason = waited.reason
  and told.missing_reason is distinct from 'not_collected'
left join contradicted
  on missing.indicator = 'job_gross_exposed' and missing.methodology = 'CRM'
  and missing.ref_area = contradicted.ref_area and missing.breakdown = contradicted.breakdown
left join unregistered on missing.breakdown = unregistered.event_id
left join {{ ref('codes') }} as reasons on reasons.list = 'reason' and reasons.code = missing.missing_reason
left join {{ ref('codes') }} as breakdowns on breakdowns.list = 'breakdown' and breakdowns.code = missing.breakdown
left join {{ ref('codes') }} as perimeters on perimeters.list = 'methodology' and perimeters.code = missing.methodology
left join (
  select indicator, string_agg(distinct holder, ', ' order by holder) as holders
  from {{ ref('data_requests') }}
  where indicator is not null
  group by indicator
) as requests on missing.indicator = requests.indicator
where missing.missing_reason is not null
