-- What each newspaper weighs in the pressure of the news; `_O` is any other.
select * from {{ source('sector', 'news_sources') }}
