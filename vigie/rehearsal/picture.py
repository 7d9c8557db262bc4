"""The page that a rehearsal leaves: the life of each alert from step to step, and what was said against what was to be said."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any

from sqlalchemy import select

from vigie import sector
from vigie.alert_acts import DONE
from vigie.inputs import SECTOR
from vigie.lake import Lake, write_atomically
from vigie.rehearsal.plan import FAULT_FR, Plan, Step
from vigie.rehearsal.play import FOLDER
from vigie.rehearsal.timeline import Timeline
from vigie.routes import local
from vigie.store import open_store
from vigie.store_schema import EPISODES

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#12312e;max-width:76rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem} h2{font-size:1.1rem;border-bottom:1px solid #b7c4b1;margin-top:2rem}
svg{width:100%;height:auto} svg text{font:13px system-ui,sans-serif;fill:#12312e} svg .rule{font-weight:700}
table{border-collapse:collapse;width:100%} td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;
border-bottom:1px solid #dfe7e2} .manque,.imprévu{background:#f6dfa4}
"""
COLOURS = {"rouge": "#b5382c", "orange": "#d98e2b"}
ROW, LINE, LEFT, COLUMN, TOP = 24, 16, 430, 110, 40
"""Pixels of the drawing: height of an alert, of a line more of its name, width of the names, of a step, height of the dates."""
LETTERS = 60
"""Of a name on one line."""

Segment = tuple[date, str, str]
"""From a day on: the level of an alert and its state."""


def write(folder: Path, plan: Plan, came: Timeline) -> Path:
    """Writes the page beside the mails of the rehearsal; returns where."""
    path = folder / FOLDER / "timeline.html"
    write_atomically(path, page(Lake.open(folder), plan, came))
    return path


def page(lake: Lake, plan: Plan, came: Timeline) -> str:
    """The whole page: no script, no link to load."""
    return (
        f"<!doctype html>\n<html lang='fr'><head><meta charset='utf-8'><title>Répétition — {escape(plan.title)}</title>"
        f"<style>{STYLE}</style></head><body><h1>{escape(plan.title)}</h1><p>{escape(plan.story)}</p>\n"
        f"{''.join(_body(lake, plan, came))}\n</body></html>\n"
    )


def _body(lake: Lake, plan: Plan, came: Timeline) -> Iterator[str]:
    yield "<h2>La vie des alertes, d'une étape à l'autre</h2>"
    yield _drawing(_lives(lake), [step.on for step in plan.steps])
    yield "<h2>Les étapes</h2><table><tr><th>Jour</th><th>Ce qui arrive</th><th>Incidents et gestes</th></tr>"
    for step in plan.steps:
        yield f"<tr><td>{step.on:%d/%m/%Y}</td><td>{escape(step.story)}</td><td>{'<br>'.join(_events(step))}</td></tr>"
    yield "</table><h2>Ce qui devait être dit, et ce qui l'a été</h2><table>"
    yield "<tr><th>Verdict</th><th>Jour</th><th>Message</th></tr>"
    for state, line in came.verdicts():
        yield f"<tr class='{state}'><td>{state}</td><td>{line.on:%d/%m/%Y}</td><td>{escape(line.sentence())}</td></tr>"
    yield "</table><h2>Verdict</h2>"
    said = came.differences()
    yield "".join(f"<p class='manque'>{escape(text)}</p>" for text in said) or "<p>Tout est comme prévu.</p>"


def _events(step: Step) -> list[str]:
    told = [f"Incident : {FAULT_FR[one.kind]}. {one.story}" for one in step.faults]
    titles = {rule.rule: rule.title for rule in sector.load(SECTOR).alert_rules}
    told += [f"Geste : {DONE[one.act]}, « {titles[one.rule]} », par {one.by}. {one.note}" for one in step.acts]
    return [escape(text) for text in told]


def _lives(lake: Lake) -> dict[str, dict[str, list[Segment]]]:
    """By rule and by name of an alert, what it was from each decision on."""
    titles = {rule.rule: rule.title for rule in sector.load(SECTOR).alert_rules}
    found: dict[str, dict[str, list[Segment]]] = defaultdict(lambda: defaultdict(list))
    with open_store(lake) as store:
        for row in store.execute(select(EPISODES).order_by(EPISODES.c.decided_at, EPISODES.c.alert_id, EPISODES.c.no)):
            line: dict[str, Any] = json.loads(row.line)
            rule = titles.get(line["rule"], line["rule"])
            on = local(datetime.fromisoformat(row.decided_at)).date()
            found[rule][f"{line['cause_fr']}|{row.alert_id}"].append((on, line["level"], line["state"]))
    return found


def _drawing(lives: dict[str, dict[str, list[Segment]]], days: list[date]) -> str:
    width = LEFT + COLUMN * (len(days) + 1)
    at = {day: LEFT + COLUMN * number for number, day in enumerate(days)}
    parts, y = [], TOP
    for rule, alerts in sorted(lives.items()):
        parts.append(f"<text class='rule' x='0' y='{y + 16}'>{escape(rule)}</text>")
        y += ROW
        for name, segments in sorted(alerts.items(), key=lambda alert: (alert[0].partition("|")[0], alert[1])):
            parts += _bars(segments, at, width, y)
            # a name is told whole, on as many lines as it takes
            for text in wrap(name.partition("|")[0], LETTERS):
                parts.append(f"<text x='12' y='{y + 16}'>{escape(text)}</text>")
                y += LINE
            y += ROW - LINE
    lines = [
        f"<line x1='{x}' y1='{TOP - 12}' x2='{x}' y2='{y}' stroke='#b7c4b1'/><text x='{x}' y='18'>{day:%d/%m/%Y}</text>"
        for day, x in at.items()
    ]
    what = "Frise des alertes : une barre par alerte, de l'étape où elle s'ouvre à celle où elle se lève"
    return f"<svg viewBox='0 0 {width} {y + 8}' role='img' aria-label=\"{what}\">{''.join(lines + parts)}</svg>"


def _bars(segments: list[Segment], at: dict[date, int], width: int, y: int) -> Iterator[str]:
    ends = [at[on] for on, _, _ in segments[1:]] + [width - COLUMN // 2]
    for (on, level, state), end in zip(segments, ends, strict=True):
        x, colour = at[on], COLOURS[level]
        told = f"<title>{escape(f'{on:%d/%m/%Y} : {level}, {state}')}</title>"
        if state == "actif":
            yield f"<rect x='{x}' y='{y + 5}' width='{end - x}' height='14' fill='{colour}'>{told}</rect>"
        else:
            yield f"<circle cx='{x}' cy='{y + 12}' r='6' fill='#fff' stroke='{colour}' stroke-width='3'>{told}</circle>"
