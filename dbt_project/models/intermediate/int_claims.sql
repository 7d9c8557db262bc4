-- Public figures believed to have been stated at the date of the question: the register's, and those of the series
-- of jobs that the register does not restate. `observation_id` is the row of a series that says the same figure.
with editions as (
  select * from {{ ref('int_register_editions') }}
  where feed = 'claims' {% if var('axis') == 'published' %}and superseded_at is null{% endif %}
),

registered as (
  select
    rows.* exclude (published_at),
    rows.claim || '.' || rows.subject || case rows.segment when '_T' then '' else '.' || rows.segment end as claim_id,
    editions.origin, editions.known_at,
    coalesce(rows.published_at, editions.published_at) as published_at
  from {{ ref('stg_claims') }} as rows
  inner join editions on rows.load_id = editions.load_id
  where {{ visible_from('coalesce(rows.published_at, editions.published_at)', 'editions.known_at') }} <= {{ as_of() }}
    {% if var('axis') == 'known' %}and (editions.superseded_at is null or editions.superseded_at > {{ as_of() }}){% endif %}
),

stated as (
  select
    *,
    {% set slug = "trim(regexp_replace(lower(strip_accents(source)), '[^a-z0-9]+', '-', 'g'), '-')" -%}
    indicator || '.' || methodology || case segment when '_T' then '' else '.' || segment end || '.'
      || case freq when 'A' then strftime(period, '%Y') else strftime(period, '%Y-%m') end || '.' || {{ slug }} as claim_id
  from {{ ref('int_statements') }}
  where conf_status = 'F'
),

believed as (
  select * from {{ ref('int_observations') }}
  where known_to is null and not is_withdrawn and conf_status = 'F'
)

select
  registered.claim_id, registered.claim, believed.observation_id,
  registered.subject, registered.methodology, registered.segment, registered.ref_area, registered.freq, registered.period,
  registered.value, registered.lower, registered.upper, registered.stated_on, registered.unit,
  registered.nature, registered.class, registered.method,
  registered.source, registered.source_name, registered.source_url, registered.published_at, registered.confidence,
  registered.wording, registered.inference,
  registered.origin, registered.known_at, 'claims' as feed, registered.load_id, registered.row_no, registered.place
from registered
left join believed
  on registered.subject = believed.indicator and registered.methodology = believed.methodology
  and registered.segment = believed.segment and registered.ref_area = believed.ref_area
  and registered.freq = believed.freq and registered.period = believed.period and registered.source = believed.source
union all
select
  stated.claim_id, null, stated.observation_id,
  stated.indicator, stated.methodology, stated.segment, stated.ref_area, stated.freq, stated.period,
  stated.obs_value, stated.lower, stated.upper, null, stated.unit_measure,
  'datum', stated.class, 'unknown',
  stated.source, stated.source_name, stated.source_url, stated.published_at, null,
  stated.comment, null,
  stated.origin, stated.known_at, stated.feed, stated.load_id, stated.row_no, stated.place
from stated
left join registered
  on stated.indicator = registered.subject and stated.methodology = registered.methodology
  and stated.segment = registered.segment and stated.ref_area = registered.ref_area
  and stated.freq = registered.freq and stated.period = registered.period and stated.source = registered.source
where registered.claim_id is null
