-- Every row that an indicator may rest on, under one kind of name, with its place in its document.
{{ config(materialized='view') }}
select
  observation_id as input_id, feed, load_id, document, place, period, obs_value as value, source
from {{ ref('int_observations') }}
where conf_status = 'F'
union all
select row_id, 'operator_sites', load_id, document, place, cast(as_of as timestamp), headcount::double, source
from {{ ref('int_sites') }}
union all
select row_id, 'regulations', load_id, document, place, cast(in_force_on as timestamp), null, source
from {{ ref('int_regulations') }}
union all
-- a refusal is what a count of refusals rests on; what could not be fetched left no document
select feed || '/' || load_id, feed, load_id, nullif(document, ''), null, known_at, null, coalesce(nullif(origin_by, ''), publisher)
from {{ ref('int_loads') }}
union all
select 'target:' || target, 'sector', null, null, 'sector.yml', period, value, source
from {{ ref('int_targets') }}
union all
select 'assumption:' || assumption, 'sector', null, null, 'sector.yml', cast(stated_on as timestamp), mode, source
from {{ ref('int_assumptions') }}
union all
select 'scenario:' || assumption, 'sector', null, null, 'scenarios/' || file, cast(stated_on as timestamp), mode, source
from {{ ref('int_scenario_parameters') }}
union all
select 'market:' || target, 'sector', null, null, 'sector.yml', cast(stated_on as timestamp), outbound_share, source
from {{ ref('int_scenario_targets') }}
union all
select row_id, 'reviewed_events', load_id, document, place, cast(happened_on as timestamp), jobs::double, source
from {{ ref('int_event_decisions') }}
union all
select {{ row_id('feed') }}, feed, load_id, document, place, published_at, null, outlet
from {{ ref('int_articles') }}
union all
-- what rests on confidential rows says so, and shows none of them
select 'confidential:' || feed, feed, null, null, 'déclarations confidentielles, non montrées', null, null, publisher
from {{ ref('int_feeds') }}
where is_confidential
