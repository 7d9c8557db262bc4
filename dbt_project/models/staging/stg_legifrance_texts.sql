{{ legal_texts('legifrance_texts', 'FR') }}
