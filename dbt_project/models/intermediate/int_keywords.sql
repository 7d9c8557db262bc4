-- The terms of the sector file that mark a notice as one to look at, ready to be searched for.
select keyword, lang, reason, {{ plain_words('keyword') }} as words
from {{ source('sector', 'keywords') }}
