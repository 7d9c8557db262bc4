"""`vigie extract` and `vigie evaluate`: lines or a page in, one JSON object a line out."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from vigie import evaluate, parsing
from vigie.clock import CallError
from vigie.extract import commencement, model, page
from vigie.extract.model import Reader
from vigie.extract.reading import read
from vigie.feed import DocumentError
from vigie.lake import to_json
from vigie.readers.dates import last_day

ARTICLES = "press_articles"
LINE_FIELDS = ("text", "published")
LAW_FIELDS = ("text", "published", "jurisdiction")
MODEL_HELP = "un modèle de langue au lieu des règles (openai:…) ; ce qu'il dit n'est gardé que si le texte le dit"
MARKS = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<div", b"<article", b"<p")


def add(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Adds both verbs to the command line."""
    help = "ce qu'un texte dit : chiffres, dates, lieux, organisations, événements ; --law : ses entrées en vigueur"
    extracting = verbs.add_parser("extract", help=help, description=help, parents=[common])
    extracting.add_argument("file", type=Path, metavar="FICHIER", help="lignes JSON (text, published), ou une page")
    extracting.add_argument("--law", action="store_true", help="lignes JSON (text, published, jurisdiction)")
    extracting.add_argument("--model", default="", metavar="MODÈLE", help=MODEL_HELP)
    extracting.set_defaults(verb=_extract)
    help = "précision, rappel et F1 de l'extraction sur des lignes étiquetées"
    evaluating = verbs.add_parser("evaluate", help=help, description=help, parents=[common])
    evaluating.add_argument("file", type=Path, metavar="LIGNES.jsonl")
    evaluating.add_argument("--gate", action="store_true", help="échoue sous les planchers du projet")
    evaluating.add_argument("--model", default="", metavar="MODÈLE", help=MODEL_HELP)
    evaluating.set_defaults(verb=_evaluate)


def _extract(options: argparse.Namespace) -> int:
    content, reader = _bytes(options.file), _reader(options)
    if options.law:
        for line in _lines(options.file, content, LAW_FIELDS):
            found = commencement.commencements(str(line["text"]), line["published"], str(line["jurisdiction"]))
            print(to_json({**_known(line), "dates": [one.as_dict() for one in found]}))
    elif content.lstrip().startswith(b"{"):
        for line in _lines(options.file, content, LINE_FIELDS):
            print(to_json({**_known(line), **reader(str(line["text"]), _day(options.file, line)).as_dict()}))
    else:
        print(to_json(_page(options.file, content, reader)))
    return 0


def _reader(options: argparse.Namespace) -> Reader:
    if not options.model:
        return read
    try:
        return model.reader(options.model)
    except ImportError:
        raise CallError("lire avec un modèle demande une extension : pip install 'vigie[model]'") from None


def _known(line: dict[str, Any]) -> dict[str, Any]:
    """What a line says of itself; its labels are not carried over."""
    return {name: line[name] for name in ("id", "text", "source", "origin", "published", "jurisdiction") if name in line}


def _page(file: Path, content: bytes, reader: Reader) -> dict[str, Any]:
    """The reading of an article's page; HTML is parsed in the reading child, since anyone may have written it."""
    headlines: tuple[str, ...] = ()
    if content.lstrip()[:200].lower().startswith(MARKS):
        try:
            (row,) = parsing.read_rows(ARTICLES, content)
        except DocumentError as error:
            raise CallError(f"{file} : {error}") from None
        title, published = str(row.values["title"] or ""), row.values["published_at"]
        text = "\n".join(piece for piece in (title, str(row.values["body"] or "")) if piece)
    else:
        try:
            found = page.article(content.decode())
        except UnicodeDecodeError:
            raise CallError(f"{file} n'est ni une page HTML, ni du texte en UTF-8, ni des lignes JSON") from None
        title, text, published, headlines = found.title, found.text, found.published, found.headlines
    if not text.strip():
        raise CallError(f"{file} ne contient aucun texte à lire")
    day = published if isinstance(published, date) else None
    # a date without its year needs a day to be near to; a page that states none leaves only today
    reading = reader(text, day or date.today()).as_dict()
    return {"title": title, "published": day.isoformat() if day else None, **reading, "headlines": list(headlines)}


def _evaluate(options: argparse.Namespace) -> int:
    content = _bytes(options.file)
    first = next(_lines(options.file, content, ("text",)), None)
    if first is None:
        raise CallError(f"{options.file} ne contient aucune ligne")
    if "jurisdiction" in first:
        scores = evaluate.evaluate_laws(list(_lines(options.file, content, (*LAW_FIELDS, "dates"))))
    else:
        lines = list(_lines(options.file, content, LINE_FIELDS))
        for line in lines:
            _day(options.file, line)
        if not any(label in line for line in lines for label, _ in evaluate.FIELDS.values()):
            raise CallError(f"{options.file} n'a aucune ligne étiquetée : ajouter event_types, figures, dates, places ou orgs")
        scores = evaluate.evaluate(lines, _reader(options))
    for score in scores:
        print(to_json(asdict(score)) if options.json else _sentence(score))
    below = evaluate.below_floors(scores) if options.gate else []
    for sentence in below:
        print(to_json({"below": sentence}) if options.json else sentence)
    return 1 if below else 0


def _sentence(score: evaluate.Score) -> str:
    def share(value: float | None, interval: tuple[float, float] | None) -> str:
        return "–" if value is None or interval is None else f"{value:.3f} [{interval[0]:.3f} ; {interval[1]:.3f}]"

    return (
        f"{score.field} : précision {share(score.precision, score.precision_interval)}, rappel "
        f"{share(score.recall, score.recall_interval)}, F1 {share(score.f1, score.f1_interval)} "
        f"({score.hits} justes, {score.false_alarms} en trop, {score.misses} manqués)"
    )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CallError(f"{file} ne peut être lu : {error.strerror}") from None


def _lines(file: Path, content: bytes, fields: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The JSON lines of a file, each with the fields that are needed."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CallError(f"{file} n'est pas en UTF-8 : le réenregistrer en UTF-8") from None
    for number, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        try:
            line = json.loads(written)
        except ValueError as error:
            raise CallError(f"{file}, ligne {number} : ce n'est pas du JSON ({error}) ; écrire un objet par ligne") from None
        missing = [name for name in fields if not isinstance(line, dict) or name not in line]
        if missing:
            raise CallError(f"{file}, ligne {number} : il manque « {missing[0]} » ; chaque ligne donne {', '.join(fields)}")
        yield line


def _day(file: Path, line: dict[str, Any]) -> date:
    day = last_day(str(line["published"])[:10])
    if day is None:
        named = line.get("id", str(line["text"])[:40])
        raise CallError(f"{file}, ligne « {named} » : published « {line['published']} » n'est pas une date ; écrire 2026-01-28")
    return day
