-- Texts of the press, their copies together.
select
  story_id, arg_min(title, (article_id <> story_id, first_seen_at)) as title,
  arg_min(case when regexp_matches(link, '^https?://[^\s"<>]+$') then link end, (article_id <> story_id, first_seen_at)) as link,
  arg_min(outlet, (article_id <> story_id, first_seen_at)) as outlet,
  arg_min(lang, (article_id <> story_id, first_seen_at)) as lang,
  count(*) as n_articles, count(distinct coalesce(outlet, feed)) as n_sources,
  min(coalesce(cast(published_at as date), {{ local_day('first_seen_at') }})) as first_seen_on,
  max(coalesce(cast(published_at as date), {{ local_day('first_seen_at') }})) as last_seen_on,
  case when bool_or(origin = 'invented') then 'invented' when bool_or(origin = 'retyped') then 'retyped' else 'recorded' end as origin,
  min(first_seen_at) as known_at, md5('story|' || story_id) as receipt_id, list_sort(list(row_id)) as inputs
from {{ ref('int_stories') }}
group by story_id
