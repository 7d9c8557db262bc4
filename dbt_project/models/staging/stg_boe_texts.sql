{{ legal_texts('boe_texts', 'ES', has_articles=true) }}
