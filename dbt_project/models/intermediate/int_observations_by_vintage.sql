-- What was known at each vintage, with the interval that printing leaves around each figure, and whether the series is
-- the headline one: the sector file says so, or its source spoke first, alone. A source that comes later starts a
-- series beside, and moves no trend until the sector file hands it the headline.
with sources as (
  select indicator, methodology, source, min(known_from) as spoke_from
  from {{ ref('int_observations') }}
  group by indicator, methodology, source
),

headlines as (
  select
    sources.indicator, sources.methodology,
    coalesce(
      max(declared.source),
      case when count(*) filter (where spoke_from = first_from) = 1 then arg_min(sources.source, spoke_from) end
    ) as source
  from (select *, min(spoke_from) over (partition by indicator, methodology) as first_from from sources) as sources
  left join {{ source('sector', 'headline_series') }} as declared
    on sources.indicator = declared.indicator and sources.methodology = declared.methodology
    and sources.source = declared.source
  group by sources.indicator, sources.methodology
)

select
  vintages.vintage,
  observations.observation_id,
  [observations.observation_id] as inputs,
  {% for column in series_key() -%} observations.{{ column }}, {% endfor %}
  observations.period,
  observations.obs_value as value,
  observations.lower,
  observations.upper,
  coalesce(observations.lower, observations.obs_value - {{ half_digit('observations.decimals') }}) as low,
  coalesce(observations.upper, observations.obs_value + {{ half_digit('observations.decimals') }}) as high,
  observations.class, observations.obs_status, observations.conf_status,
  observations.origin, observations.published_at, observations.known_at,
  observations.source is not distinct from headlines.source as is_headline
from {{ ref('int_observations') }} as observations
inner join {{ ref('int_vintages') }} as vintages
  on vintages.vintage >= observations.known_from
  and (observations.known_to is null or vintages.vintage < observations.known_to)
inner join headlines
  on observations.indicator = headlines.indicator and observations.methodology = headlines.methodology
where not observations.is_withdrawn
