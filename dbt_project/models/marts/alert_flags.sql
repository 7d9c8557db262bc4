-- What must be said beside a rule: that it rests on a figure somebody contests, that its threshold is crossed by what
-- may be a mere reclassification (no economic alert is raised then), or that it cannot be judged for want of data.
with evaluations as (
  select * from {{ ref('alert_evaluations') }}
),

known as (
  select * from evaluations
  where missing_reason is null
  qualify row_number() over (partition by rule, entity order by period desc) = 1
),

contested as (
  select
    known.rule, known.entity, known.period, 'contested' as kind, known.level,
    string_agg(distinct claims.subject_fr || ' selon ' || claims.who_fr || ', ' || claims.contested_fr, ' ; ') as sentence,
    any_value(known.receipt_id) as receipt_id
  from known
  inner join {{ ref('indicator_inputs') }} as inputs on known.receipt_id = inputs.receipt_id
  inner join {{ ref('claims') }} as claims on inputs.input_id = claims.observation_id
  where claims.objections > 0
  group by known.rule, known.entity, known.period, known.level
),

inhibited as (
  select
    economic.rule, economic.entity, economic.period, 'reclassification' as kind, economic.level,
    'reclassement possible entre ' || replace(split_part(data.breakdown, '@', 1), '>', ' et ')
      || ' : le seuil est franchi, aucune alerte économique n''est levée avant la réponse de l''éditeur' as sentence,
    economic.receipt_id
  from evaluations as economic
  inner join {{ ref('int_alert_rules') }} as rules on economic.rule = rules.rule
  inner join evaluations as data
    on data.rule = rules.inhibited_by and data.level > 0
    and data.ref_area = economic.ref_area and data.methodology = economic.methodology
    and data.freq = economic.freq and data.period = economic.period
    and list_contains(string_split(split_part(data.breakdown, '@', 1), '>'), economic.breakdown)
  where economic.level > 0
),

waiting as (
  select
    rules.rule,
    concat_ws('/', gaps.ref_area, case when rules.breakdown = 'any' then '*' else gaps.breakdown end, gaps.methodology) as entity,
    gaps.period, gaps.missing_fr, gaps.period_fr, gaps.receipt_id
  from {{ ref('gaps') }} as gaps
  inner join {{ ref('int_alert_rules') }} as rules
    on gaps.indicator = rules.indicator and gaps.freq = rules.freq and gaps.scenario = rules.scenario
    and rules.ref_area in (gaps.ref_area, 'each') and rules.breakdown in (gaps.breakdown, 'each', 'any')
    and rules.methodology in (gaps.methodology, 'each')
),

missing as (
  select
    waiting.rule, waiting.entity, waiting.period, 'missing' as kind, coalesce(known.level, 0) as level,
    'données manquantes, ' || waiting.period_fr || ' : ' || waiting.missing_fr as sentence,
    waiting.receipt_id
  from waiting
  left join known on waiting.rule = known.rule and waiting.entity = known.entity
  where known.rule is null or waiting.period > known.period
  qualify row_number() over (partition by waiting.rule, waiting.entity order by waiting.period desc, waiting.receipt_id) = 1
  union all
  select
    rules.rule, gaps.ref_area || '/' || gaps.breakdown || '/' || gaps.methodology, gaps.period, 'missing', 0,
    'données manquantes : ' || gaps.missing_fr, gaps.receipt_id
  from {{ ref('int_alert_rules') }} as rules
  inner join {{ ref('gaps') }} as gaps on rules.indicator = gaps.indicator
  where rules.rule not in (select rule from known) and rules.rule not in (select rule from waiting)
  qualify row_number() over (partition by rules.rule order by gaps.period desc, gaps.receipt_id) = 1
)

select flags.*, kinds.label_fr as kind_fr, rules.title
from (
  select * from contested
  union all
  select * from inhibited
  union all
  select * from missing
) as flags
inner join {{ ref('int_alert_rules') }} as rules on flags.rule = rules.rule
left join {{ ref('codes') }} as kinds on kinds.list = 'flag' and kinds.code = flags.kind
