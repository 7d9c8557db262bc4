"""The charts of the note: which figures, in which groups. The template says how to read them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from vigie.bulletin.charts import Chart, Group, Row
from vigie.bulletin.content import Words, absent
from vigie.bulletin.figures import figure, spoken, with_unit
from vigie.receipt_words import Ask, period_fr

FREQUENCIES = {"A": "par an", "S": "par semestre"}


def pictures(ask: Ask, told: Words) -> list[Chart]:
    return [_exports(ask, told), _exposure(ask, told), _scenarios(ask, told), *_vulnerability(ask, told)]


def _exports(ask: Ask, told: Words) -> Chart:
    rows = ask(
        """select * from indicator_values
            where indicator = 'eco_export_revenue' and freq in ('A', 'S') and split_part(breakdown, '@', 1) = '_T'
            order by methodology, freq, period, breakdown"""
    )
    groups = []
    for (perimeter, freq), lines in groupby(rows, key=lambda row: (row["methodology"], row["freq"])):
        named = told.word("methodology", perimeter) if perimeter != "_Z" else "sans périmètre connu"
        title = f"{_capital(named)}, {FREQUENCIES[freq]}"
        groups.append(Group(title, [_export(line, told) for line in lines]))
    return Chart("exportations", "MAD_BN", groups, absent(ask, "eco_export_revenue"), is_bar=True)


def _export(row: Mapping[str, Any], told: Words) -> Row:
    source = str(row["breakdown"]).partition("@")[2]
    label = period_fr(row["period"], row["freq"]) + (f", selon {told.word('source', source)}" if source else "")
    note = told.word("status", row["obs_status"]) if row["obs_status"] in ("P", "E", "B", "D") else ""
    return Row(label, figure(row, told.missing(row)), note)


def _exposure(ask: Ask, told: Words) -> Chart:
    country = ask(
        """select * from indicator_values where indicator = 'job_gross_exposed' and breakdown = '_T'
            order by ref_area <> 'MA', ref_area, period"""
    )
    bounds = ask("select *, 'PS' as unit from exposure_bounds where breakdown = '_T' and ref_area <> 'MA' order by place_fr")
    nation = [
        Row(told.word("area", "MA"), figure(line, told.missing(line)))
        for line in country
        if _is(line, "CRM") and line["ref_area"] == "MA"
    ]
    cities = list(_bounded(bounds, told))
    declared = [
        Row(told.word("area", line["ref_area"]), figure(line, told.missing(line))) for line in country if _is(line, "DECLARED")
    ]
    groups = [Group("Centres d'appels du pays : bornes exactes", [*nation, *cities]), Group("Groupes déclarants", declared)]
    return Chart("exposition", "PS", [group for group in groups if group.rows], absent(ask, "job_gross_exposed"))


def _bounded(lines: Sequence[Mapping[str, Any]], told: Words) -> Iterable[Row]:
    """Cities that only the country bounds say the same: they are one row, which names them."""
    alike: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for line in lines:
        key = (line["lower"], line["upper"], line["receipt_id"], line["why_fr"]) if line["why_fr"] else (line["place_fr"],)
        alike.setdefault(key, []).append(line)
    for same in sorted(alike.values(), key=len):
        first = figure(same[0], told.missing(same[0]))
        if len(same) == 1:
            yield Row(same[0]["place_fr"], first, same[0]["why_fr"] or "")
        else:
            named = ", ".join(line["place_fr"] for line in same)
            yield Row(f"Chacune de {len(same)} villes", first, f"{same[0]['why_fr']} : {named}")


def _is(line: Mapping[str, Any], perimeter: str) -> bool:
    return bool(line["methodology"] == perimeter)


def _scenarios(ask: Ask, told: Words) -> Chart:
    rows = ask(
        """select * from indicator_values
            where indicator = 'job_net_loss' and breakdown = '_T' and ref_area = 'MA' and scenario <> '_Z'
            order by methodology, scenario <> 'CENTRAL', scenario, period"""
    )
    titles = {"CRM": "Le pays, par hypothèses", "DECLARED": "Les groupes déclarants"}
    groups = [
        Group(titles.get(perimeter, told.word("methodology", perimeter)), [
            Row(told.word("scenario", line["scenario"]), figure(line, told.missing(line)), f"au {period_fr(line['period'], 'D')}")
            for line in lines
        ])
        for perimeter, lines in groupby(rows, key=lambda row: row["methodology"])
    ]  # fmt: skip
    return Chart("scenarios", "PS", groups, absent(ask, "job_net_loss"))


def _vulnerability(ask: Ask, told: Words) -> list[Chart]:
    rows = ask("select * from vulnerability order by tier nulls last, rank_median nulls last, name_fr")
    scores, ranks = [], []
    for line in rows:
        known = (
            "" if line["coverage_pct"] is None else f"{with_unit(spoken(line['coverage_pct'], 'PCT'), 'PCT')} de l'indice connus"
        )
        scores.append(Row(line["name_fr"], figure({**line, "unit": "INDEX"}, told.missing(line)), known))
        names = {"value": line["rank_median"], "lower": line["rank_p05"], "upper": line["rank_p95"], "unit": ""}
        share = line["first_three_pct"]
        first = "" if share is None else f"parmi les trois premières dans {with_unit(spoken(share, 'PCT'), 'PCT')} des tirages"
        ranks.append(Row(line["name_fr"], figure({**line, **names}, told.missing(line)), first))
    why = absent(ask, "ivt")
    title = "Villes des groupes déclarants"
    return [
        Chart("vulnerabilite", "INDEX", [Group(title, scores)] if rows else [], why),
        Chart("rangs", "", [Group(title, ranks)] if rows else [], why),
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def bound(value: float | None, unit: str) -> str:
    """A bound in a table's cell."""
    return "sans objet" if value is None else spoken(value, unit)
