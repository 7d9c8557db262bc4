-- What counts as an episode of crisis, that a warning should come before.
select * from {{ source('sector', 'episode_definitions') }}
