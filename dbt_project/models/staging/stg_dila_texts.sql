{{ legal_texts('dila_texts', 'FR', has_articles=true) }}
