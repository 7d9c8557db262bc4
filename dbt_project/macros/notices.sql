{# What every feed of notices (legal texts, offers, datasets that a publisher announced) gives, in this order.
   `subject` is what the publisher says beside the title (headings, summary, words of the articles): searched, never published. #}
{% macro notice_columns() -%}
  {{ return([
    'kind', 'jurisdiction', 'local_id', 'title', 'subject', 'published_at', 'effective_at', 'status', 'issuer', 'link', 'lang',
    'articles', 'is_whole', 'load_id', 'row_no', 'place',
  ]) }}
{%- endmacro %}

{# A staging model of legal texts: what each gazette's reader gives is already under the names of `notice_columns()`; a
   gazette that gives no articles says nothing of them. #}
{% macro legal_texts(feed, jurisdiction, has_articles=false) -%}
select
  'legal_text' as kind,
  '{{ jurisdiction }}' as jurisdiction,
  {%- for column in notice_columns()[2:] %}
  {% if column == 'articles' and not has_articles %}cast(null as varchar) as articles
  {%- elif column == 'is_whole' and not has_articles %}false as is_whole
  {%- else %}{{ column }}{% endif %}{{ ',' if not loop.last }}
  {%- endfor %}
from {{ source('landed', feed) }}
{%- endmacro %}

{# Words alone, without case, accents or punctuation, between single spaces: two spellings of one term become one. #}
{% macro plain_words(text) -%}
  ' ' || trim(regexp_replace(strip_accents(lower({{ text }})), '[^\p{L}\p{N}]+', ' ', 'g')) || ' '
{%- endmacro %}

{# The number by which a text is cited at the head of its title (« LOI n° 2025-594 du… », « Orden TDF/149/2025 »): what a
   gazette and the register have in common. Null when there is none. #}
{% macro legal_number(title) -%}
  nullif(regexp_extract(
    strip_accents(lower({{ title }})),
    '^(?:loi|decret|ordonnance|arrete|reglement|directive|deliberation|ley|real decreto|orden|reglamento)[^0-9]{0,24}?((?:[a-z]{2,4}/)?[0-9]+[-/][0-9]+(?:/[0-9]{4})?)',
    1
  ), '')
{%- endmacro %}

{# The part of a text that a wording names, written one way: « article 13 », « disposicion final unica », else `text`. #}
{% macro legal_scope(wording) -%}
  coalesce(nullif(regexp_extract(
    replace(strip_accents(lower({{ wording }})), 'articulo', 'article'), '(?:article|disposicion|titre|titulo|chapitre|capitulo|annexe|anexo)s? .*$'
  ), ''), 'text')
{%- endmacro %}

{# Who says a day, in a sentence. #}
{% macro legal_source(source) -%}
  case {{ source }} when 'register' then 'le registre' when 'gazette' then 'le journal officiel' else 'le texte' end
{%- endmacro %}
