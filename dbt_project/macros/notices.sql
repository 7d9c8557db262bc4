{# What every feed of notices (legal texts, offers, datasets that a publisher announced) gives, in this order.
   `subject` is what the publisher says beside the title (headings, summary, words of the articles): searched, never published. #}
{% macro notice_columns() -%}
  {{ return([
    'kind', 'jurisdiction', 'local_id', 'title', 'subject', 'published_at', 'effective_at', 'status', 'issuer', 'link', 'lang',
    'load_id', 'row_no', 'place',
  ]) }}
{%- endmacro %}

{# A staging model of legal texts: what each gazette's reader gives is already under the names of `notice_columns()`. #}
{% macro legal_texts(feed, jurisdiction) -%}
select
  'legal_text' as kind,
  '{{ jurisdiction }}' as jurisdiction,
  {{ notice_columns()[2:] | join(',\n  ') }}
from {{ source('landed', feed) }}
{%- endmacro %}

{# Words alone, without case, accents or punctuation, between single spaces: two spellings of one term become one. #}
{% macro plain_words(text) -%}
  ' ' || trim(regexp_replace(strip_accents(lower({{ text }})), '[^\p{L}\p{N}]+', ' ', 'g')) || ' '
{%- endmacro %}
