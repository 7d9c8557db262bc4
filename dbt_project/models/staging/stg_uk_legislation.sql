{{ legal_texts('uk_legislation', 'GB') }}
