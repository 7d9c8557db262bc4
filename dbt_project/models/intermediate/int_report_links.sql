-- Events that a report shows to be one, or to be two.
select * from {{ ref('report_links') }}
