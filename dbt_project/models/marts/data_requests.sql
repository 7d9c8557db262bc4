-- Each figure that is missing, who holds it, and whether it was asked for; a request without a day was not sent.
select
  requests.request, requests.indicator, catalogue.label_fr, requests.figure_fr, requests.ref_area,
  requests.holder, requests.holder_fr, requests.reason_fr,
  requests.requested_on, requests.requested_by, requests.answered_on, requests.answer_fr,
  case when requests.answered_on is not null then 'answered' when requests.requested_on is not null then 'sent' else 'to_send' end as state,
  case
    when requests.answered_on is not null then 'demandé le ' || {{ fr_date('requests.requested_on') }} || ', répondu le ' || {{ fr_date('requests.answered_on') }}
    when requests.requested_on is not null then 'demandé le ' || {{ fr_date('requests.requested_on') }} || ' par ' || requests.requested_by || ', sans réponse'
    else 'à demander : aucune demande datée au registre'
  end as state_fr,
  requests.origin, requests.known_at, 'data_requests' as feed, requests.load_id, requests.place,
  {{ row_id("'data_requests'", 'requests.load_id', 'requests.row_no') }} as receipt_id
from {{ ref('int_data_requests') }} as requests
left join {{ ref('indicators') }} as catalogue on requests.indicator = catalogue.indicator
