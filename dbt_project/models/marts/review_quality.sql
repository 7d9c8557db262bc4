-- What reading by people says of reading by rules: how often an event that the rules found is one, how often as found, and
-- how often two readers, each of whom did not see the other's decision, agree. Agreement is Fleiss' kappa for two readings
-- an item on keep or reject: (P - Pe) / (1 - Pe), Pe from the shares of both readings together (Fleiss 1971).
with kinds as (
  select decisions.* exclude (event_type), unnest([decisions.event_type, '_T']) as event_type
  from {{ ref('int_event_decisions') }} as decisions
),

last_words as (
  select
    event_type,
    count(*)::bigint as n_read,
    count(*) filter (where decision = 'accept')::bigint as n_accepted,
    count(*) filter (where decision = 'correct')::bigint as n_corrected,
    count(*) filter (where decision = 'reject')::bigint as n_rejected
  from kinds
  where is_last
  group by event_type
),

rested_on as (
  select event_type, list_sort(list(row_id)) as inputs, bool_or(origin = 'invented') as is_invented
  from kinds
  group by event_type
),

twice as (
  select event_type, event_id, list(decision <> 'reject' order by decided_at, decided_by)[1:2] as readings
  from kinds
  where is_first_of_reader
  group by event_type, event_id
  having count(*) >= 2
),

pairs as (
  select
    event_type, count(*)::bigint as n_twice,
    avg((readings[1] = readings[2])::integer) as agreement,
    avg((readings[1]::integer + readings[2]::integer) / 2) as kept
  from twice
  group by event_type
)

select
  last_words.event_type, coalesce(names.label_fr, 'toutes natures') as event_type_fr,
  last_words.n_read, last_words.n_accepted, last_words.n_corrected, last_words.n_rejected,
  (last_words.n_accepted + last_words.n_corrected) / last_words.n_read as precision_share,
  {{ wilson('(last_words.n_accepted + last_words.n_corrected)', 'last_words.n_read', '-') }} as precision_lower,
  {{ wilson('(last_words.n_accepted + last_words.n_corrected)', 'last_words.n_read', '+') }} as precision_upper,
  last_words.n_accepted / last_words.n_read as exact_share,
  coalesce(pairs.n_twice, 0)::bigint as n_twice, pairs.agreement,
  case when pairs.kept > 0 and pairs.kept < 1 then
    (pairs.agreement - pow(pairs.kept, 2) - pow(1 - pairs.kept, 2)) / (1 - pow(pairs.kept, 2) - pow(1 - pairs.kept, 2))
  end as kappa,
  case when rested_on.is_invented then 'invented' else 'recorded' end as origin,
  md5(concat_ws('|', 'review_quality', last_words.event_type)) as receipt_id, rested_on.inputs
from last_words
inner join rested_on on last_words.event_type = rested_on.event_type
left join pairs on last_words.event_type = pairs.event_type
left join {{ ref('codes') }} as names on names.list = 'event_type' and names.code = last_words.event_type
