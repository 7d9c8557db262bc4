{{ legal_texts('eu_acts', 'EU') }}
