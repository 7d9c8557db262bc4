-- Press articles that had been collected at the date of the question, once each.
select
  articles.*, loads.known_at, loads.origin, loads.document
from {{ ref('stg_press_articles') }} as articles
inner join {{ ref('int_loads') }} as loads on loads.feed = 'press_articles' and articles.load_id = loads.load_id
where {{ visible_from('articles.published_at', 'loads.known_at') }} <= {{ as_of() }}
qualify row_number() over (partition by articles.link order by loads.known_at desc, articles.row_no desc) = 1
