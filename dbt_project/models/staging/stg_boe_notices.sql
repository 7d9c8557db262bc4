{{ legal_texts('boe_notices', 'ES') }}
