-- Every figure that was ever the one to believe, with the interval during which it was.
-- The best figure is the latest release, then the latest known; a restatement that says the same, at the
-- coarser of the two precisions, adds nothing, and what is believed keeps the place where it was first read.
-- A row that a complete list, or a new judgement of its document, no longer holds is withdrawn. A document that is
-- judged anew is no later release for that. Only the figures that a new load speaks of, or no longer does, are
-- worked out again. What is compared is narrow: what a figure is about comes back to it at the end.
{{ config(
  materialized='incremental', incremental_strategy='delete+insert', unique_key=['series_id', 'period'],
  on_schema_change='fail'
) }}
with editions as (
  select
    *,
    row_number() over (order by feed, load_id) as edition,
    dense_rank() over (order by document) as document_rank
  from {{ ref('int_editions') }}
),

nexts as (
  select editions.edition, following.edition as next_edition
  from editions
  inner join editions as following on editions.feed = following.feed and editions.next_load_id = following.load_id
),

{% if is_incremental() %}
touched as (
  select distinct stated.series_id, stated.period
  from {{ ref('int_observations_stated') }} as stated
  inner join (select feed, load_id from editions where is_touched) as touching
    on stated.feed = touching.feed and stated.load_id = touching.load_id
),

told as (
  select stated.*
  from {{ ref('int_observations_stated') }} as stated
  inner join touched on stated.series_id = touched.series_id and stated.period = touched.period
),
{% else %}
told as not materialized (
  select * from {{ ref('int_observations_stated') }}
),
{% endif %}

landed as (
  select
    stated.series_id, stated.period, stated.observation_id as stated_id, stated.row_no, editions.edition,
    {{ figure() }} as figure,
    coalesce(stated.published_at, editions.published_at) as published_at
  from told as stated
  inner join editions on stated.feed = editions.feed and stated.load_id = editions.load_id
),

-- the rows that a later edition may no longer hold, or bring back
listed as (
  select landed.*, editions.edition_no, editions.is_snapshot, editions.feed
  from landed
  inner join editions on landed.edition = editions.edition
  where editions.is_snapshot or landed.edition in (select next_edition from nexts)
),

withdrawn as (
  select landed.*
  from landed
  inner join nexts on landed.edition = nexts.edition
  left join listed
    on nexts.next_edition = listed.edition
    and landed.series_id = listed.series_id and landed.period = listed.period
  where listed.edition is null
),

-- a row that comes back after a withdrawal speaks again from the edition that brings it back,
-- whatever the release date it carries
back as (
  select listed.stated_id
  from listed
  left join listed as before
    on listed.feed = before.feed and listed.edition_no = before.edition_no + 1
    and listed.series_id = before.series_id and listed.period = before.period
  where listed.is_snapshot
  qualify before.edition is null
    and listed.edition_no > min(listed.edition_no) over (partition by listed.feed, listed.series_id, listed.period)
),

stored as (
  select *, false as is_withdrawn, stated_id in (select stated_id from back) as is_back from landed
  union all
  select
    * replace (struct_pack(
      value := null::double, decimals := figure.decimals,
      says := struct_pack(l := null::double, u := null::double, c := 'unknown', s := 'O', f := figure.says.f)
    ) as figure),
    true, false
  from withdrawn
),

timed as (
  select
    stored.* exclude (is_back), editions.document_rank,
    case when is_withdrawn then editions.next_known_at else editions.known_at end as known_at,
    case
      when is_withdrawn then editions.next_known_at
      when is_back then editions.known_at
      else {{ visible_from('stored.published_at', 'editions.known_at') }}
    end as visible_at,
    case
      when editions.is_snapshot then case when is_withdrawn then editions.next_known_at else editions.known_at end
      else coalesce(stored.published_at, editions.first_known_at)
    end as released_at
  from stored
  inner join editions on stored.edition = editions.edition
),

-- of two documents of one release, none is the later one: their bytes decide, so that the order of arrival does not,
-- and the first copy of the same bytes is the one that was known
best as (
  select * exclude (document_rank, released_at, row_no) from timed
  where visible_at <= {{ as_of() }}
  qualify
    row_number() over (
      partition by series_id, period, visible_at order by released_at desc, document_rank desc, known_at, row_no desc
    ) = 1
    and released_at >= coalesce(max(released_at) over (
      partition by series_id, period order by visible_at, released_at
      rows between unbounded preceding and 1 preceding
    ), released_at)
),

compared as (
  select *, lag(figure) over (partition by series_id, period order by visible_at) as before from best
),

-- beside the figure just before it, a restatement repeats it, says another, or is too near to tell
judged as (
  select
    *,
    before is null or {{ is_another_figure('before', 'figure') }} as is_another,
    before is null or figure is not distinct from before or {{ is_another_figure('before', 'figure') }} as is_plain
  from compared
),

-- where one was too near to tell, each is compared with the last that was believed, which may be further back
unclear as (
  select series_id, period, list_reduce(
    list([struct_pack(at := visible_at, figure := figure)] order by visible_at),
    lambda believed, next: case
      when {{ is_another_figure('believed[-1].figure', 'next[1].figure') }} then list_concat(believed, next) else believed
    end
  ) as believed
  from judged
  where (series_id, period) in (select (series_id, period) from judged where not is_plain)
  group by series_id, period
),

kept as (
  select judged.* exclude (before, is_another, is_plain)
  from judged
  left join unclear on judged.series_id = unclear.series_id and judged.period = unclear.period
  where case
    when unclear.series_id is null then judged.is_another
    else list_contains(list_transform(unclear.believed, lambda one: one.at), judged.visible_at)
  end
),

bounded as (
  select *, lead(visible_at) over (partition by series_id, period order by visible_at) as known_to from kept
)

select
  stated.feed,
  {% for column in series_key() -%} stated.{{ column }}, {% endfor %}
  stated.period,
  bounded.figure.value as obs_value, bounded.figure.says.l as lower, bounded.figure.says.u as upper,
  bounded.figure.says.c as class, bounded.figure.says.s as obs_status, bounded.figure.says.f as conf_status,
  stated.decimals, stated.comment,
  case when bounded.is_withdrawn then editions.next_load_id else stated.load_id end as load_id,
  stated.row_no, stated.place,
  bounded.published_at, bounded.known_at, editions.origin, editions.document, stated.series_id,
  case when bounded.is_withdrawn then md5(stated.observation_id || editions.next_load_id) else stated.observation_id end
    as observation_id,
  bounded.is_withdrawn,
  bounded.visible_at as known_from,
  bounded.known_to
from told as stated
inner join bounded on stated.observation_id = bounded.stated_id
inner join editions on bounded.edition = editions.edition
