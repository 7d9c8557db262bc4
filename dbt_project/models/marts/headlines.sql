-- The first screen: six tiles, each with the sentence that may be copied and what forbids to say more. A tile without
-- its number says why; the source named is whoever printed the figure, never a publisher whose bytes we do not hold.
-- The latest row is taken by `limit`: over nothing at all, DuckDB 1.5 turns `row_number() = 1` into a row of nulls.
with current_values as (
  select * from {{ ref('indicator_values') }}
),

day as (
  select {{ local_day(as_of()) }} as today
),

law as (
  select
    'loi' as tile,
    instrument || case state when 'en vigueur' then ' : en vigueur' when 'échu' then ' : échue' else ' : à venir' end as title,
    case
      when days_to_effect is null then 'date non publiée'
      else {{ fr_number('abs(days_to_effect)') }} || chr(8239) || case when abs(days_to_effect) = 1 then 'jour' else 'jours' end
    end as value_text,
    abs(days_to_effect)::double as value,
    'DAYS' as unit,
    case when days_to_effect is null then 'unknown' else 'measured' end as class,
    case
      when days_to_effect is null then 'date d''effet non publiée'
      else case when days_to_effect > 0 then 'entre en vigueur le ' else 'depuis le ' end || {{ fr_date('in_force_on') }}
    end as status_text,
    case when days_to_effect is null then 'non' else 'oui' end as citable,
    case
      when days_to_effect is null then 'La date d''effet de ce texte n''est pas publiée : ' || instrument || ' (' || market_fr || ').'
      when days_to_effect > 0
        then instrument || ' (' || market_fr || ') : « ' || title_fr || ' » entrera en vigueur le ' || {{ fr_date('in_force_on') }}
          || ', dans ' || {{ fr_number('days_to_effect') }} || chr(8239) || case when days_to_effect = 1 then 'jour' else 'jours' end || '.'
      else instrument || ' (' || market_fr || ') : « ' || title_fr || ' », en vigueur depuis le ' || {{ fr_date('in_force_on') }}
          || ', soit ' || {{ fr_number('-days_to_effect') }} || chr(8239) || case when days_to_effect = -1 then 'jour' else 'jours' end
          || ' au ' || {{ fr_date('today') }} || '.'
    end as sentence,
    'Être en vigueur ne dit pas combien d''appels ont cessé.' as caution,
    origin,
    source as source_text,
    [receipt_id] as receipt_ids
  from {{ ref('regulations') }}
  cross join day
  where is_followed
  order by severity = 'critical' desc, in_force_on desc nulls last, event_id
  limit 1
),

lost as (
  select
    'pertes' as tile,
    'Emplois perdus, observés' as title,
    coalesce({{ fr_number('value') }}, 'inconnu') as value_text,
    value, unit, class,
    case
      when value is null then coalesce(reasons.label_fr, 'non publié') || ' : la CNSS et l''ANRT détiennent ce chiffre'
      else 'observé'
    end as status_text,
    case when value is null then 'non' else 'avec réserve' end as citable,
    case
      when value is null then 'Au ' || {{ fr_date('today') }} || ', aucun décompte des emplois perdus n''est publié ; '
        || 'la CNSS (déclarations de salariés) et l''ANRT (déclarations des centres d''appels) détiennent ce chiffre.'
      else 'Emplois perdus observés (' || {{ fr_period('period', 'freq') }} || ') : ' || {{ fr_number('value') }} || '.'
    end as sentence,
    'L''absence de chiffre n''est pas l''absence de pertes.' as caution,
    coalesce(origin, '') as origin,
    'CNSS, ANRT (non publié)' as source_text,
    [receipt_id]
  from current_values
  cross join day
  left join {{ ref('codes') }} as reasons on reasons.list = 'reason' and reasons.code = current_values.missing_reason
  where indicator = 'job_lost_observed' and breakdown = '_T'
  order by period desc
  limit 1
),

exposed_inputs as (
  select
    inputs.receipt_id,
    min(coalesce(claims.lower, claims.value)) filter (where claims.subject = 'outbound_share') as share_low,
    max(coalesce(claims.upper, claims.value)) filter (where claims.subject = 'outbound_share') as share_high,
    min(coalesce(claims.lower, claims.value)) filter (where claims.subject = 'employment') as jobs_low,
    max(coalesce(claims.upper, claims.value)) filter (where claims.subject = 'employment') as jobs_high,
    string_agg(distinct claims.who_fr, ' ; ' order by claims.who_fr) as sources
  from {{ ref('indicator_inputs') }} as inputs
  inner join {{ ref('claims') }} as claims on inputs.input_id = claims.observation_id
  group by inputs.receipt_id
),

exposed as (
  select
    'exposes' as tile,
    'Emplois exposés, fourchette' as title,
    {{ fr_number('readings.lower') }} || ' à ' || {{ fr_number('readings.upper') }} as value_text,
    null::double as value, readings.unit, readings.class,
    {{ fr_range('inputs.share_low', 'inputs.share_high', "'RATIO'") }} || chr(8239) || '% de démarchage × '
      || {{ fr_range('inputs.jobs_low', 'inputs.jobs_high', "'PS'") }} || ' emplois de centres d''appels' as status_text,
    'avec réserve' as citable,
    'Entre ' || {{ fr_number('readings.lower') }} || ' et ' || {{ fr_number('readings.upper') }} || ' emplois seraient exposés : '
      || {{ fr_range('inputs.share_low', 'inputs.share_high', "'RATIO'") }} || chr(8239)
      || '% d''activité de démarchage, appliqués à ' || {{ fr_range('inputs.jobs_low', 'inputs.jobs_high', "'PS'") }}
      || ' emplois de centres d''appels (' || {{ fr_period('readings.period', 'readings.freq') }} || ').' as sentence,
    'Exposé ne veut pas dire perdu ; les deux entrées sont des déclarations, non des comptages.' as caution,
    readings.origin,
    inputs.sources as source_text,
    [readings.receipt_id]
  from current_values as readings
  inner join exposed_inputs as inputs on readings.receipt_id = inputs.receipt_id
  where readings.indicator = 'job_gross_exposed' and readings.ref_area = 'MA' and readings.breakdown = '_T' and readings.methodology = 'CRM'
    and readings.lower is not null
),

said as (
  select
    'affirmations' as tile,
    'Emplois menacés : ce qui est affirmé' as title,
    string_agg(distinct replace(value_text, chr(8239) || 'emplois', ''), ' / ' order by replace(value_text, chr(8239) || 'emplois', '')) as value_text,
    null::double as value, 'PS' as unit, 'claimed' as class,
    count(*) || case when count(*) = 1 then ' affirmation' else ' affirmations' end || case when max(contradictions) > 0 then ' qui se contredisent' else '' end as status_text,
    'avec réserve' as citable,
    'Les chiffres avancés' || case when max(contradictions) > 0 then ' se contredisent' else '' end || chr(8239) || ': '
      || string_agg(value_text || ' (' || who_fr || ')', ' ; ' order by coalesce(value, lower) desc, who_fr)
      || '. Aucun n''est un comptage.' as sentence,
    'Ces affirmations ne se moyennent pas : auteurs, périmètres et dates diffèrent.' as caution,
    min(origin) as origin,
    string_agg(distinct who_fr, ' ; ' order by who_fr) as source_text,
    list(receipt_id order by receipt_id)
  from {{ ref('claims') }}
  where subject = 'jobs_at_risk'
  having count(*) > 0
),

old_perimeter as (
  select max_by(value, period) as value, max(period) as period, max_by(receipt_id, period) as receipt_id
  from current_values
  where indicator = 'eco_export_revenue' and methodology = 'OC_OLD' and freq = 'A' and ref_area = 'MA'
    and value is not null and (breakdown = '_T' or breakdown like '\_T@%' escape '\')
),

printed as (
  select inputs.receipt_id, string_agg(distinct nullif(loads.origin_by, ''), ' ; ') as printed_by
  from {{ ref('indicator_inputs') }} as inputs
  inner join {{ ref('loads') }} as loads on inputs.feed = loads.feed and inputs.load_id = loads.load_id
  group by inputs.receipt_id
),

awaited as (
  select coalesce(' ; ' || string_agg(distinct period_fr || chr(8239) || ': ' || missing_fr, ' ; '), '') as told
  from {{ ref('gaps') }}
  where indicator = 'eco_export_revenue' and methodology = 'OC_NEW' and breakdown = '_T' and missing_reason in ('late', 'source_dead', 'quarantined')
),

exports as (
  select
    'exportations' as tile,
    'Exportations ' || year(readings.period) as title,
    {{ fr_number('readings.value', 2) }} || chr(8239) || 'Md' || chr(8239) || 'MAD' as value_text,
    readings.value, readings.unit, readings.class,
    coalesce(statuses.label_fr, readings.obs_status) || ', ' || coalesce(perimeters.label_fr, readings.methodology) || awaited.told as status_text,
    case when readings.class = 'measured' and readings.obs_status = 'A' then 'oui' else 'avec réserve' end as citable,
    'En ' || year(readings.period) || ', les exportations du secteur ont atteint ' || {{ fr_number('readings.value', 2) }} || chr(8239) || 'Md' || chr(8239) || 'MAD'
      || ' (' || coalesce(statuses.label_fr, readings.obs_status) || ', ' || coalesce(perimeters.label_fr, readings.methodology) || ').' as sentence,
    coalesce(
      'Ne se compare pas aux ' || {{ fr_figure('old_perimeter.value', "'MAD_BN'") }} || chr(8239) || 'Md' || chr(8239) || 'MAD' || ' de ' || year(old_perimeter.period)
        || ' : c''est un autre périmètre, et aucun taux de croissance ne relie les deux.', ''
    ) as caution,
    readings.origin,
    coalesce(printed.printed_by, 'non nommée') as source_text,
    list_filter([readings.receipt_id, old_perimeter.receipt_id], lambda id: id is not null)
  from current_values as readings
  cross join old_perimeter
  cross join awaited
  left join printed on readings.receipt_id = printed.receipt_id
  left join {{ ref('codes') }} as statuses on statuses.list = 'status' and statuses.code = readings.obs_status
  left join {{ ref('codes') }} as perimeters on perimeters.list = 'methodology' and perimeters.code = readings.methodology
  where readings.indicator = 'eco_export_revenue' and readings.methodology = 'OC_NEW' and readings.breakdown = '_T'
    and readings.freq = 'A' and readings.ref_area = 'MA' and readings.value is not null
  order by readings.period desc
  limit 1
),

last_load as (
  select * from {{ ref('loads') }}
  where status = 'landed' and known_at <= {{ as_of() }}
  order by known_at desc, feed
  limit 1
),

updated as (
  select
    'mise_a_jour' as tile,
    'Dernière mise à jour' as title,
    {{ fr_date(local_day('last_load.known_at')) }} as value_text,
    date_diff('day', {{ local_day('last_load.known_at') }}, day.today)::double as value,
    'DAYS' as unit, 'measured' as class,
    'dernier document : ' || last_load.feed_title as status_text,
    'oui' as citable,
    'Données connues au ' || {{ fr_date('day.today') }} || ' ; dernier document reçu le '
      || {{ fr_date(local_day('last_load.known_at')) }} || ' (' || last_load.feed_title || ').' as sentence,
    'La date est celle de notre connaissance, non celle des faits.' as caution,
    last_load.origin,
    'registre des chargements' as source_text,
    [last_load.receipt_id]
  from last_load
  cross join day
),

tiles as (
  select 1 as rank, * from law
  union all
  select 2, * from lost
  union all
  select 3, * from exposed
  union all
  select 4, * from said
  union all
  select 5, * from exports
  union all
  select 6, * from updated
),

expected as (
  select * from (values
    (1, 'loi', 'Texte suivi', 'reg_days_to_effect', 'DAYS'),
    (2, 'pertes', 'Emplois perdus, observés', 'job_lost_observed', 'PS'),
    (3, 'exposes', 'Emplois exposés, fourchette', 'job_gross_exposed', 'PS'),
    (4, 'affirmations', 'Emplois menacés : ce qui est affirmé', null, 'PS'),
    (5, 'exportations', 'Exportations du secteur', 'eco_export_revenue', 'MAD_BN'),
    (6, 'mise_a_jour', 'Dernière mise à jour', null, 'DAYS')
  ) as t(rank, tile, title, indicator, unit)
),

untold as (
  select
    expected.rank, expected.tile, expected.title,
    coalesce(any_value(reasons.label_fr), 'inconnu') as value_text,
    null::double as value, expected.unit, 'unknown' as class,
    coalesce(arg_max(gaps.missing_fr, gaps.period), 'non collecté : aucun document reçu') as status_text,
    'non' as citable,
    'Au ' || {{ fr_date('any_value(day.today)') }} || ', l''observatoire n''a pas ce chiffre'
      || chr(8239) || ': ' || coalesce(arg_max(gaps.missing_fr, gaps.period), 'non collecté, aucun document reçu') || '.' as sentence,
    'L''absence de chiffre n''est pas un zéro.' as caution,
    '' as origin,
    'aucun document' as source_text,
    coalesce(list(gaps.receipt_id order by gaps.receipt_id) filter (where gaps.receipt_id is not null), []::varchar[])
  from expected
  cross join day
  left join {{ ref('gaps') }} as gaps on expected.indicator = gaps.indicator and gaps.is_whole
  left join {{ ref('codes') }} as reasons on reasons.list = 'reason' and reasons.code = gaps.missing_reason
  where expected.tile not in (select tile from tiles)
  group by expected.rank, expected.tile, expected.title, expected.unit
),

shown as (
  select * from tiles
  union all
  select * from untold
)

select
  rank, tile, title, value_text, value, unit, class, status_text, citable, sentence, caution, origin, source_text, receipt_ids,
  {{ as_of() }} as as_of
from shown
