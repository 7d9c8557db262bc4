-- The episodes of crisis that a warning should have come before.
select
  episodes.episode, episodes.ref_area, places.name_fr, episodes.starts_on, definitions.basis as definition_fr,
  definitions.author, definitions.stated_on,
  case when episodes.is_invented then 'invented' else 'retyped' end as origin,
  episodes.inputs as receipt_ids
from {{ ref('int_crisis_episodes') }} as episodes
inner join {{ ref('int_episode_definitions') }} as definitions on episodes.episode = definitions.episode
left join {{ ref('int_places') }} as places on episodes.ref_area = places.ref_area
