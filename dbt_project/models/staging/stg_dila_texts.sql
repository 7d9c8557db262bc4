{{ legal_texts('dila_texts', 'FR') }}
