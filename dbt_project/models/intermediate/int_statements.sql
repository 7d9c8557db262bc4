-- The register's statements that are believed at the date of the question, with who made them, in their words.
select
  observations.*,
  stated.source_name,
  stated.source_url
from {{ ref('int_observations') }} as observations
inner join {{ ref('stg_sector_employment') }} as stated
  on observations.load_id = stated.load_id and observations.row_no = stated.row_no
where observations.feed = 'sector_employment' and observations.known_to is null and not observations.is_withdrawn
