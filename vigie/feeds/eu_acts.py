"""Acts of the European Union's official journal, asked of CELLAR's SPARQL service.

The pages of EUR-Lex turn programs away; CELLAR holds the same acts and is made for them.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlencode

from vigie.feed import Feed, Request, Row, retyped
from vigie.readers import notice, sparql

NAME = "CELLAR"
ADDRESS = "https://publications.europa.eu/webapi/rdf/sparql"
DAYS = 14
LIMIT = 2000
VARIABLES = ("celex", "title", "type", "published", "effective", "in_force", "subjects")
# An act may enter into force in stages: the first date is taken. CELEX numbers are typed literals, so they
# are compared as strings; sector 3 is legislation.
QUERY = """\
prefix cdm: <http://publications.europa.eu/ontology/cdm#>
prefix skos: <http://www.w3.org/2004/02/skos/core#>
prefix xsd: <http://www.w3.org/2001/XMLSchema#>
select ?celex ?title ?type ?published (min(?entry) as ?effective) (sample(?force) as ?in_force)
  (group_concat(distinct ?label; separator=" ; ") as ?subjects)
where {{
  ?act cdm:official-journal-act_date_publication ?published ;
    cdm:resource_legal_id_celex ?celex ;
    cdm:work_has_resource-type ?type .
  ?expression cdm:expression_belongs_to_work ?act ;
    cdm:expression_uses_language <http://publications.europa.eu/resource/authority/language/FRA> ;
    cdm:expression_title ?title .
  optional {{ ?act cdm:resource_legal_date_entry-into-force ?entry }}
  optional {{ ?act cdm:resource_legal_in-force ?force }}
  optional {{ ?act cdm:work_is_about_concept_eurovoc ?concept . ?concept skos:prefLabel ?label filter(lang(?label) = "fr") }}
  filter(?published >= "{since}"^^xsd:date && strstarts(str(?celex), "3"))
}}
group by ?celex ?title ?type ?published
order by desc(?published)
limit {limit}
"""


def question(day: date) -> Iterator[Request]:
    """The acts of the last days, in French."""
    query = QUERY.format(since=day - timedelta(days=DAYS), limit=LIMIT)
    headers = {"Accept": "application/sparql-results+json", "Content-Type": "application/x-www-form-urlencoded"}
    yield Request(ADDRESS, headers=headers, body=urlencode({"query": query}).encode())


def read(content: bytes) -> Iterator[Row]:
    """One row an act; the place is its pointer."""
    for act, place in sparql.solutions(content, NAME, VARIABLES, LIMIT):
        celex, kind = act["celex"], act["type"]
        yield Row(
            {
                "local_id": celex,
                "nature": kind.rpartition("/")[2] if kind else None,
                "title": act["title"],
                "subject": act["subjects"],
                "published_at": notice.day(act["published"]),
                "effective_at": notice.day(act["effective"]),
                "status": act["in_force"],
                "issuer": "Union européenne",
                "link": f"https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=CELEX:{celex}" if celex else None,
                "lang": "fr",
            },
            place,
        )


feed = Feed(
    publisher="Office des publications de l'Union européenne (Journal officiel, EUR-Lex)",
    title="Actes du Journal officiel de l'Union européenne",
    address=ADDRESS,
    licence="réutilisation libre, source à citer (décision 2011/833/UE)",
    rhythm_days=2,
    lag_days=(0, 3),
    schedule="20 9 * * *",
    produces="notices",
    columns=notice.COLUMNS,
    read=read,
    requests=question,
    pace_seconds=5,
    samples={
        "eu_acts.2026-11-21.json": retyped(
            by="références publiques citant EUR-Lex",
            address="https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=CELEX:32024R1689",
            on=date(2024, 7, 12),
            note="réponse composée par Vigie dans la forme du service ; actes antérieurs à la période que la requête demande",
        ),
    },
)
