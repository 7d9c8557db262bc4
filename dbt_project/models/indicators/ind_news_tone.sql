{{ no_reading('news_tone', 'INDEX') }}
