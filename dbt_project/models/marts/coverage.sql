-- For each source and day, in words: looked and found, looked and nothing, blocked, failed, off, or did not look.
select
  told.feed, feeds.title as feed_title, coalesce(told.address, 'dépôt') as address, told.role, told.day, told.outcome,
  case told.outcome
    when 'found' then 'regardé : du nouveau'
    when 'nothing' then 'regardé : rien de nouveau'
    when 'blocked' then 'bloqué par l’éditeur'
    when 'failed' then 'en échec'
    when 'off' then 'éteint : clé absente'
    else 'pas regardé'
  end as outcome_text,
  told.found, told.nothing, told.blocked, told.failed, told.off, told.sentence,
  md5(concat_ws('|', 'coverage', told.feed, told.address, told.role, told.day)) as receipt_id,
  told.inputs
from {{ ref('int_coverage') }} as told
inner join {{ ref('int_feeds') }} as feeds on told.feed = feeds.feed
