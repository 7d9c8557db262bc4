-- What changed from one version of a text to the next, as it was compared.
select * from {{ ref('article_changes') }}
