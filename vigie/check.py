"""The door: `expectations/<feed>.yml` in Great Expectations' vocabulary → a verdict per row and per batch.

Great Expectations is imported only when a batch is judged: the import alone costs seconds.
An exception inside an expectation is our failure, never bad data.
"""

import gc
import hashlib
import importlib
import logging
import warnings
from collections import defaultdict
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from vigie import settings
from vigie.feed import ROOT

if TYPE_CHECKING:
    import pandas as pd

    from vigie.history import History

EXPECTATIONS = ROOT / "expectations"
ON_FAILURE = ("quarantine_row", "refuse_batch")
RESULT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}
"""The numbers of the faulty rows, without the query that would find them again."""
HISTORY = "history"
"""Where a frame that is judged carries its past, for the guards: `frame.attrs[HISTORY]`."""


class SuiteError(Exception):
    """A suite that is missing or badly written; names the file and what to write."""


class DoorError(Exception):
    """An expectation that could not be evaluated: an infrastructure error, not bad data."""


@dataclass(frozen=True)
class Fault:
    """Why a row or a batch does not pass: the rule, the reason and the remedy, in French."""

    rule: str
    reason: str
    fix: str


@dataclass
class Verdict:
    """Faults by row number, and faults of the batch as a whole."""

    rows: dict[int, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    batch: list[Fault] = field(default_factory=list)
    result: Any = None
    """Great Expectations' own validation result; None when the suite was not run."""

    @property
    def passes(self) -> bool:
        return not self.batch


def suite_path(feed: str) -> Path:
    return EXPECTATIONS / f"{feed}.yml"


def suite(feed: str) -> list[dict[str, Any]]:
    """The expectations of a feed as written, each with type, kwargs and meta."""
    path = suite_path(feed)
    if not path.exists():
        raise SuiteError(f"le flux {feed} n'a pas de suite : créer expectations/{feed}.yml")
    try:
        written = deepcopy(_parsed(path.read_text()))
    except YAMLError as error:
        raise SuiteError(f"{path.name} : {error}") from error
    expectations = (written or {}).get("expectations")
    if not expectations:
        raise SuiteError(f"{path.name} : la clé « expectations » est absente ou vide")
    for number, expectation in enumerate(expectations, start=1):
        meta = expectation.get("meta", {})
        if meta.get("on_failure") not in ON_FAILURE or not meta.get("reason") or not meta.get("fix"):
            raise SuiteError(
                f"{path.name}, attente n° {number} ({expectation.get('type')}) : meta doit dire "
                f"on_failure ({' ou '.join(ON_FAILURE)}), reason et fix"
            )
    return list(expectations)


@cache
def _parsed(text: str) -> Any:
    """A suite as written: reading one takes as long as a tenth of a judgement."""
    return YAML(typ="safe").load(text)


def fingerprint(feed: str) -> str:
    """Changes whenever the feed's suite, reader or guards do: a held-back document is then judged anew."""
    digest = hashlib.sha256()
    shared = sorted(path for folder in ("readers", "guards") for path in (ROOT / "vigie" / folder).glob("*.py"))
    for path in (suite_path(feed), ROOT / "vigie" / "feeds" / f"{feed}.py", *shared):
        if path.exists():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def check(feed: str, frame: "pd.DataFrame", history: "History | None" = None) -> Verdict:
    """Judges typed rows (index = row number) against the feed's suite, beside what had landed before."""
    verdict = Verdict(result=_validate(feed, frame, suite(feed), history))
    for result in verdict.result.results:
        # results come back in an order of their own, so each is read with its own configuration
        expectation = result.expectation_config.to_json_dict()
        info = result.exception_info or {}
        raised = info if "raised_exception" in info else next(iter(info.values()), {})
        if raised.get("raised_exception"):
            raise DoorError(
                f"expectations/{feed}.yml : {expectation['type']} n'a pas pu être évaluée ({raised.get('exception_message')})"
            )
        if result.success:
            continue
        meta = expectation["meta"]
        fault = Fault(_rule(expectation), meta["reason"], meta["fix"])
        unexpected = result.result.get("unexpected_index_list")
        findings = result.result.get("findings", {})
        if meta["on_failure"] == "refuse_batch":
            seen = result.result.get("finding")
            verdict.batch.append(replace(fault, reason=f"{fault.reason} : {seen}") if seen else fault)
        elif unexpected is None:
            raise DoorError(
                f"expectations/{feed}.yml : {expectation['type']} ne désigne pas de ligne ; écrire on_failure: refuse_batch"
            )
        else:
            for index in unexpected:
                seen = findings.get(str(index))
                verdict.rows[int(index)].append(replace(fault, reason=f"{fault.reason} Ici : {seen}.") if seen else fault)
    return verdict


def _rule(expectation: Mapping[str, Any]) -> str:
    arguments = expectation.get("kwargs", {})
    columns = (
        arguments.get("column")
        or arguments.get("column_list")
        or [arguments[key] for key in ("column_A", "column_B") if key in arguments]
    )
    named = columns if isinstance(columns, str) else ", ".join(columns)
    return f"{expectation['type']}({named})"


@cache
def _great_expectations() -> tuple[Any, Any]:
    """The library and one in-memory context for the whole process: a context costs a second."""
    settings.expose(GX_ANALYTICS_ENABLED="False")
    import great_expectations

    # it logs, trace included, that it has no percentage to render of a column without a value
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    importlib.import_module("vigie.guards")
    # all this stays for good: looking for garbage in it would cost a tenth of each judgement
    gc.collect()
    gc.freeze()
    return great_expectations, context


@cache
def _whole_frames(feed: str) -> Any:
    """The feed's source of data frames, made once: making it costs a third of a judgement."""
    _, context = _great_expectations()
    source = context.data_sources.add_or_update_pandas(feed)
    return source.add_dataframe_asset(feed).add_batch_definition_whole_dataframe(feed)


def _validate(feed: str, frame: "pd.DataFrame", expectations: list[dict[str, Any]], history: "History | None") -> Any:
    gx, _ = _great_expectations()
    judged = frame.copy(deep=False)
    judged.attrs[HISTORY] = history
    try:
        written = gx.ExpectationSuite(name=feed, expectations=expectations)
    except Exception as error:
        raise SuiteError(f"expectations/{feed}.yml n'est pas une suite valide : {error}") from error
    batch = _whole_frames(feed).get_batch({"dataframe": judged})
    with warnings.catch_warnings():
        # pandas warns of every group in a regular expression that asks for a match only
        warnings.simplefilter("ignore", UserWarning)
        return batch.validate(written, result_format=RESULT)
