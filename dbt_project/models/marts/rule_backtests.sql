-- Each rule with its threshold, who set it, when and on what basis, and what putting it to the test shows: on so many
-- episodes, or nothing, and why. A rate without an episode is no rate.
select
  rules.rule, rules.rule_version, rules.title, rules.threshold_owner, rules.threshold_basis, rules.threshold_set_on,
  case rules.direction when 'above' then 'au moins ' else 'au plus ' end
    || {{ fr_exact('rules.amber_on', 'rules.unit') }} || ' (orange), '
    || {{ fr_exact('rules.red_on', 'rules.unit') }} || {{ fr_unit('rules.unit') }}
    || case rules.unit when 'RHYTHM' then ' fois le rythme' else '' end || ' (rouge)' as threshold_fr,
  rules.amber_on, rules.amber_off, rules.red_on, rules.red_off, rules.unit,
  verdicts.judgements, verdicts.waiting, verdicts.aside, verdicts.known_episodes, verdicts.episodes,
  verdicts.tp, verdicts.fp, verdicts.fn, verdicts.tn, verdicts.tpr, verdicts.fpr, verdicts.nsr, verdicts.usefulness,
  verdicts.auroc, verdicts.auroc_low, verdicts.auroc_high, verdicts.lead_months, verdicts.false_alarms_a_month,
  verdicts.tp is not null as is_tested, said.receipt_ids,
  case
    when verdicts.tp is not null
      then 'calibré sur ' || verdicts.episodes || case when verdicts.episodes > 1 then ' épisodes' else ' épisode' end
    else 'sans historique'
  end as verdict_fr,
  case
    when verdicts.tp is not null then verdicts.judgements || ' périodes jugées dont la suite est connue'
    when verdicts.judgements + verdicts.waiting + verdicts.aside = 0 and rules.freq <> 'D'
      then 'données manquantes : aucune période n''a pu être jugée'
    when verdicts.judgements + verdicts.waiting + verdicts.aside = 0 then 'aucune période close jugée : la règle veille sur le présent'
    when verdicts.known_episodes = 0 then 'aucun épisode de crise n''est encore connu'
    else verdicts.judgements || ' période(s) dont la suite est connue, ' || verdicts.waiting || ' dont l''échéance court encore, '
      || verdicts.episodes || ' épisode(s) à annoncer parmi elles'
  end as why_fr
from {{ ref('int_alert_rules') }} as rules
inner join {{ ref('rule_verdicts') }} as verdicts on rules.rule = verdicts.rule
left join (
  select rule, list_sort(list_distinct(list(receipt_id))) as receipt_ids from {{ ref('rule_judgements') }} group by rule
) as said on rules.rule = said.rule
