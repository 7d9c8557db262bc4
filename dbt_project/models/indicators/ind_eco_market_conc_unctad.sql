-- The square-root form that the UN's economic vulnerability index uses, over the five segments: neither the simple
-- index nor the normalised one.
{{ of_five_segments('eco_market_conc_unctad', 'INDEX', root_concentration('value', 5)) }}
