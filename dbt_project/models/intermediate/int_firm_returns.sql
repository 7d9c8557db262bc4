-- What each group declares, with the time during which it was to be believed: a declaration of the same group and
-- period replaces the earlier one whole. Private: no name goes further than this.
with declared as (
  select distinct
    rows.load_id, rows.holding_id, rows.freq, rows.period,
    {{ visible_from('null::timestamp', 'editions.known_at') }} as known_from, editions.next_known_at, editions.first_known_at
  from {{ ref('stg_firm_returns') }} as rows
  inner join {{ ref('int_editions') }} as editions on editions.feed = 'firm_returns' and rows.load_id = editions.load_id
),

-- a declaration that is judged anew once a newer one has come keeps its place
in_turn as (
  select
    mine.load_id, mine.holding_id, mine.freq, mine.period, mine.known_from,
    least(mine.next_known_at, min(newer.known_from)) as known_to
  from declared as mine
  left join declared as newer
    on mine.holding_id = newer.holding_id and mine.freq = newer.freq and mine.period = newer.period
    and newer.first_known_at > mine.first_known_at
  group by mine.load_id, mine.holding_id, mine.freq, mine.period, mine.known_from, mine.next_known_at
)

select
  rows.* exclude (holding, period_printed, published_at),
  {{ row_id("'firm_returns'", 'rows.load_id', 'rows.row_no') }} as row_id,
  case editions.origin when 'invented' then 'SYN' else 'RETURNS' end as source,
  'DECLARED' as methodology, 'A' as obs_status, 'measured' as class,
  editions.origin, editions.document, editions.known_at, null::timestamp as published_at,
  in_turn.known_from, in_turn.known_to
from {{ ref('stg_firm_returns') }} as rows
inner join {{ ref('int_editions') }} as editions on editions.feed = 'firm_returns' and rows.load_id = editions.load_id
inner join in_turn
  on rows.load_id = in_turn.load_id and rows.holding_id = in_turn.holding_id
  and rows.freq = in_turn.freq and rows.period = in_turn.period
-- a declaration and the one that replaces it, of the same moment: the first was never believed
where in_turn.known_to is null or in_turn.known_from < in_turn.known_to
