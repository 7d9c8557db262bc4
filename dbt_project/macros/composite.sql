{# The arithmetic of a composite index, as SQL over plain relations. Nothing here is dbt's own, so that
   `vigie lab composite` renders the very same text.

   structure(node, parent, weight, aggregation, depth): the root has depth 0 and no parent, a leaf no aggregation.
   scores(keys, node, score): one row for each leaf that has a figure; a leaf has no aggregation. #}

{# A value between its two goalposts, from `bottom` to `top`; goalposts may stand in either order. #}
{% macro between_goalposts(value, low, high, bottom, top) -%}
  {{ held_between(bottom ~ ' + (' ~ top ~ ' - ' ~ bottom ~ ') * ((' ~ value ~ ') - (' ~ low ~ ')) / nullif((' ~ high ~ ') - (' ~ low ~ '), 0)', bottom, top) }}
{%- endmacro %}

{# A number held between two others. What is missing stays so: DuckDB's `least` and `greatest` pass over nulls. #}
{% macro held_between(value, bottom, top) -%}
  case when ({{ value }}) is not null then least(greatest({{ value }}, {{ bottom }}), {{ top }}) end
{%- endmacro %}

{# The logarithm, of nothing where there is none: DuckDB stops at the first zero. #}
{% macro log_of(value) -%} ln(nullif(greatest({{ value }}, 0), 0)) {%- endmacro %}

{# Weighted means of the scores that are present; `ceiling` is the worst score of the scale. The dual geometric
   mean is a geometric mean on the side of what is left: one very bad score is not bought back by good ones. #}
{% macro weighted_mean(aggregation, score, weight, ceiling) -%}
  case {{ aggregation }}
    when 'arithmetic' then sum({{ weight }} * {{ score }}) / sum({{ weight }})
    when 'geometric'
      then case when min({{ score }}) > 0 then exp(sum({{ weight }} * {{ log_of(score) }}) / sum({{ weight }})) else 0 end
    when 'dual_geometric'
      then {{ ceiling }} - case when max({{ score }}) < {{ ceiling }} then exp(sum({{ weight }} * {{ log_of(ceiling ~ ' - ' ~ score) }}) / sum({{ weight }})) else 0 end
  end
{%- endmacro %}

{% macro same_keys(one, other, keys) -%}
  {% for key in keys %} and {{ one }}.{{ key }} = {{ other }}.{{ key }}{% endfor %}
{%- endmacro %}

{% macro keys_of(relation, keys) -%}
  {% for key in keys %}{{ relation }}.{{ key }}, {% endfor %}
{%- endmacro %}

{# Scores of every node: leaves as given, then one level after the other up to the root. `coverage` is the share
   of the weight of a node's children that is present. `keys` tell whose scores they are; the structure may itself
   vary with some of them (`within`), as it does where a pillar is left out. #}
{% macro composite(scores, structure, keys, depth, ceiling=100, within=[]) -%}
{% for level in range(depth, -1, -1) %}
composite_{{ level }} as (
  select {{ keys_of('scores', keys) }} structure.node, structure.parent, scores.score::double as score, 1::double as coverage
  from {{ scores }} as scores
  inner join {{ structure }} as structure on structure.node = scores.node {{ same_keys('structure', 'scores', within) }}
  where structure.depth = {{ level }} and structure.aggregation is null and scores.score is not null
  {% if level < depth %}
  union all
  select
    {{ keys_of('below', keys) }} above.node, above.parent,
    {{ weighted_mean('above.aggregation', 'below.score', 'child.weight', ceiling) }} as score,
    sum(child.weight) / any_value(above.children_weight) as coverage
  from composite_{{ level + 1 }} as below
  inner join {{ structure }} as child on child.node = below.node {{ same_keys('child', 'below', within) }}
  inner join (
    select parents.*, sum(children.weight) as children_weight
    from {{ structure }} as parents
    inner join {{ structure }} as children on children.parent = parents.node {{ same_keys('children', 'parents', within) }}
    where parents.depth = {{ level }}
    group by all
  ) as above on above.node = child.parent {{ same_keys('above', 'child', within) }}
  where child.weight > 0
  group by {{ keys_of('below', keys) }} above.node, above.parent, above.aggregation
  {% endif %}
),
{% endfor %}
composite as (
  {% for level in range(depth + 1) %}
  select * from composite_{{ level }}
  {% if not loop.last %}union all{% endif %}
  {% endfor %}
)
{%- endmacro %}

{# What each child of a node adds to its score, exactly: shares of the sum for an arithmetic node, shares of the
   logarithm for a geometric one. They add up to the score, also where a logarithm has no end: a child at zero leaves a
   geometric node nothing to share, and a child at the ceiling alone makes the whole of a dual geometric one. #}
{% macro contributions(composite, structure, keys, ceiling=100) -%}
  {%- set left = log_of('1 - below.score / ' ~ ceiling) -%}
  {%- set filled = 'case when below.score >= ' ~ ceiling ~ ' then child.weight else 0 end' -%}
  select
    {{ keys }}, child.parent as node, child.node as child, below.score as child_score, child.weight,
    case above.aggregation
      when 'arithmetic' then child.weight * below.score / sum(child.weight) over part
      when 'geometric'
        then case when min(below.score) over part <= 0 then 0
          else whole.score * coalesce(
            child.weight * {{ log_of('below.score') }} / nullif(sum(child.weight * {{ log_of('below.score') }}) over part, 0),
            child.weight / sum(child.weight) over part
          ) end
      when 'dual_geometric'
        then whole.score * coalesce(
          {{ filled }} / nullif(sum({{ filled }}) over part, 0),
          child.weight * {{ left }} / nullif(sum(child.weight * {{ left }}) over part, 0),
          child.weight / sum(child.weight) over part
        )
    end as contribution
  from {{ composite }} as below
  inner join {{ structure }} as child on child.node = below.node
  inner join {{ structure }} as above on above.node = child.parent
  inner join {{ composite }} as whole using ({{ keys }})
  where whole.node = child.parent and child.weight > 0
  window part as (partition by {{ keys }}, child.parent)
{%- endmacro %}

{# What each child did to the change of a dual geometric node between two states, exactly: the logarithmic mean
   Divisia index (Ang 2005) on what is left. `then` and `now` are scores of the node, `child_*` of the child,
   `share` the child's weight over those of the children present. #}
{% macro divisia(then, now, child_then, child_now, share, ceiling=100) -%}
  -({{ share }}) * ln(({{ ceiling }} - ({{ child_now }})) / ({{ ceiling }} - ({{ child_then }}))) * case
    when ({{ now }}) = ({{ then }}) then {{ ceiling }} - ({{ now }})
    else (({{ then }}) - ({{ now }})) / ln(({{ ceiling }} - ({{ now }})) / ({{ ceiling }} - ({{ then }})))
  end
{%- endmacro %}
