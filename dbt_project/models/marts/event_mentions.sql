-- Who tells of each event, in which words: all figures stand with their source, none replaces another.
select
  mentions.event_id, mentions.told_as,
  mentions.mention_rank,
  mentions.title, mentions.outlet, case when regexp_matches(mentions.link, '^https?://[^\s"<>]+$') then mentions.link end as link,
  mentions.lang, mentions.quote, mentions.span_start, mentions.span_end, mentions.event_type,
  mentions.certainty, coalesce(certainties.label_fr, mentions.certainty) as certainty_fr,
  mentions.organisation_name as operator, mentions.place_name, mentions.happens_on, mentions.figures_text,
  mentions.jobs, mentions.jobs_lower, mentions.jobs_upper, mentions.state, coalesce(states.label_fr, mentions.state) as state_fr,
  mentions.is_sure, mentions.told_on, mentions.published_at, mentions.first_seen_at as known_at,
  mentions.origin, mentions.feed, mentions.load_id, mentions.place,
  md5(concat_ws('|', 'mention', mentions.event_id, mentions.article_id)) as receipt_id, [mentions.row_id] as inputs
from {{ ref('int_event_mentions') }} as mentions
left join {{ ref('codes') }} as certainties on certainties.list = 'certainty' and certainties.code = mentions.certainty
left join {{ ref('codes') }} as states on states.list = 'event_state' and states.code = mentions.state
