"""What labelled lines taught, and how it is learnt: `.venv/pipeline/bin/python -m tests.test_learned --write`.

`--measure` says what it is worth: the lines of each author are judged after learning from those of the others alone.

The lines of `press.taught` were read by nobody who wrote a lexicon. On those of `press.develop` the lexicons are nearly
always right, because they were written on them: what they made of these lines is not told to the regression, that would
believe them too much.
"""

import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from vigie import evaluate
from vigie.extract import learned, reading
from vigie.extract.events import TYPES

LABELLED = Path(__file__).parent / "labelled"
ANSWERS = (*(name for name in TYPES if name != "none"), learned.RELEVANT)
FEWEST = 2
"""How many lines hold a feature that is learnt."""
STRENGTH = 10.0
"""The inverse of the penalty on weights (C of scikit-learn)."""
SMALLEST = 0.5
"""A weight under this is left out: a third of the file, and a thousandth of the F1."""
TRUST = 0.2
"""The scale of a hint beside the features of a text: below 1, the regression leans on them more cautiously."""
LEAST_ODDS = math.log(0.4 / 0.6)
"""The log-odds from which a type is said: two chances in five."""


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (LABELLED / f"{name}.jsonl").read_text().splitlines()]


@dataclass(frozen=True)
class Example:
    """One labelled line, what stands in it and what the lexicons made of it; `is_fresh` when no lexicon was written on it."""

    line: dict
    is_fresh: bool
    found: set[str]
    hints: set[str]
    worded: list[str]

    @property
    def author(self) -> str:
        return self.line["id"].rstrip("0123456789")


def examples() -> list[Example]:
    given = []
    for name, is_fresh in (("press.taught", True), ("press.develop", False)):
        for line in lines(name):
            worded = reading.worded(line["text"], date.fromisoformat(line["published"]))
            given.append(Example(line, is_fresh, worded.features(), worded.hints() if is_fresh else set(), worded.event_types))
    return given


def learn(taught: Sequence[Example]) -> str:
    """The file of weights."""
    counts = Counter(feature for example in taught for feature in example.found)
    rarity = {feature: (math.log(len(taught) / n) + 1) / 3 for feature, n in counts.items() if n >= FEWEST}
    scales = {**rarity, **dict.fromkeys((hint for example in taught for hint in example.hints), TRUST)}
    names = sorted(scales)
    place = {name: number for number, name in enumerate(names)}
    cells = [
        (row, place[feature], scales[feature] * (share if feature in example.found else 1))
        for row, example in enumerate(taught)
        for share in (1 / math.sqrt(len(example.found) + 1),)
        for feature in sorted(example.found | example.hints)
        if feature in scales
    ]
    rows, columns, values = zip(*cells, strict=True)
    table = csr_matrix((values, (rows, columns)), shape=(len(taught), len(names)))
    weights: dict[str, list[str]] = {name: [] for name in (learned.ALWAYS, *names)}
    for number, answer in enumerate(ANSWERS):
        said = [_says(example.line, answer) for example in taught]
        model = LogisticRegression(C=STRENGTH, class_weight="balanced", solver="liblinear", max_iter=1000).fit(table, said)
        least = 0 if answer == learned.RELEVANT else LEAST_ODDS
        weights[learned.ALWAYS].append(f"{number}:{model.intercept_[0] - least:.2f}")
        for name, weight in zip(names, model.coef_[0], strict=True):
            if abs(weight * scales[name]) >= SMALLEST:
                weights[name].append(f"{number}:{weight * scales[name]:.1f}")
    told = [f"{name}\t{' '.join(given)}" for name, given in sorted(weights.items()) if given]
    return "\n".join([" ".join(ANSWERS), *told]) + "\n"


def _says(line: dict, answer: str) -> bool:
    return line["sector_relevant"] if answer == learned.RELEVANT else answer in line["event_types"]


def measure() -> None:
    """Prints the F1 of event types by author: lexicons alone, then with what the other authors' lines taught."""
    all_of_them = examples()
    for author in sorted({example.author for example in all_of_them if example.is_fresh}):
        judge = learned.parsed(learn([example for example in all_of_them if example.author != author]))
        told = [example for example in all_of_them if example.author == author]
        judged = [judge.types(judge.judge(one.found, one.hints), "relevant" in one.hints) for one in told]
        scores = {}
        for name, given in (("lexicons", [example.worded for example in told]), ("learned", judged)):
            pairs = [(_types(example.line["event_types"]), _types(said)) for example, said in zip(told, given, strict=True)]
            scores[name] = evaluate.score("event_types", pairs).f1
        print(f"{author} ({len(told)}): {scores['lexicons']:.3f} -> {scores['learned']:.3f}", flush=True)


def _types(names: Iterable[str]) -> Counter:
    return Counter(name for name in names if name != "none")


@pytest.fixture(scope="module")
def taught_again():
    return learned.parsed(learn(examples()))


def test_the_weights_are_those_that_the_labelled_lines_teach(taught_again):
    kept = learned.taught()
    assert kept.answers == taught_again.answers == ANSWERS
    assert len(kept.weights) > 1000
    for feature in kept.weights.keys() | taught_again.weights.keys():
        one, other = (dict(weights.get(feature, ())) for weights in (kept.weights, taught_again.weights))
        for answer in one.keys() | other.keys():
            # a weight at the edge of what is left out may be on either side of it elsewhere
            mine, again = (weights.get(answer) for weights in (one, other))
            edge = math.copysign(SMALLEST, mine or again)
            gap = abs((edge if mine is None else mine) - (edge if again is None else again))
            assert gap < 0.25, f"{feature} : relancer python -m tests.test_learned --write"


@pytest.mark.parametrize("name", ["press.held_out", "press.unread"])
def test_lines_that_taught_nothing_are_read_better_for_what_others_taught(name):
    told = lines(name)
    others = {line["text"] for part in ("press.develop", "press.taught") for line in lines(part)}
    assert len(told) > 50 and not {line["text"] for line in told} & others
    days = [date.fromisoformat(line["published"]) for line in told]
    f1 = {}
    for reader in (reading.worded, reading.read):
        pairs = [
            (_types(line["event_types"]), _types(reader(line["text"], day).event_types))
            for line, day in zip(told, days, strict=True)
        ]
        f1[reader] = evaluate.score("event_types", pairs).f1
    assert f1[reading.read] >= evaluate.FLOORS["event_types"]
    assert f1[reading.read] > f1[reading.worded] - 0.03


def test_a_long_article_is_judged_on_its_beginning_and_keeps_what_its_words_say_further_on():
    lead = "Le centre d'appels de Majorel à Fès ferme ses portes."
    tail = " Intelcia ouvre un plateau de 300 positions à Agadir."
    filler = " Le temps reste frais sur les reliefs, et le vent souffle du nord." * 20
    found = reading.read(lead + filler + tail, date(2025, 7, 15)).event_types
    assert found[0] == "closure" and "opening" in found


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        learned.WEIGHTS.write_text(learn(examples()), encoding="utf-8")
    elif sys.argv[1:] == ["--measure"]:
        measure()
    else:
        sys.exit("--write ou --measure")
