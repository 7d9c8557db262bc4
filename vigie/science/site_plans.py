"""A plan of sites read whole: from one site to the most, both methods, how firm each choice is and what would turn it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from vigie.science import siting
from vigie.science.composite import SEED

if TYPE_CHECKING:
    import pyarrow

Rows = list[dict[str, Any]]


def choices(plan: Mapping[str, Any], places: Sequence[Mapping[str, Any]]) -> Rows:
    """One row a method, a number of sites and a place.

    `plan` has plan, most_sites, radius_km, draws, spread; a place has ref_area, lat, lon, loss (missing where it is not
    known: nothing is put in its stead) and is_host. No row where no place has a loss.

    `score` is mean kilometres to the nearest site per unit of loss, or the share of the losses within the radius;
    `selected_share` how often a place is chosen over draws of the losses, `same_choice_share` how often the whole
    choice is; `flip_factor` the nearest factor on that place's loss alone at which `flip_to` does as well.
    """
    losses = np.array([place["loss"] or 0.0 for place in places])
    if losses.sum() <= 0:
        return []
    codes = [place["ref_area"] for place in places]
    km = siting.distances([place["lat"] for place in places], [place["lon"] for place in places])
    hosts = np.array([bool(place["is_host"]) for place in places])
    drawn = siting.perturbed(losses, plan["draws"], plan["spread"], SEED)
    found: Rows = []
    for method in get_args(siting.Method):
        for sites in range(1, min(plan["most_sites"], int(hosts.sum())) + 1):
            problem = siting.Problem(losses, km, sites, method, plan["radius_km"], hosts)
            best = siting.solve(problem)
            shares, chosen = siting.selection(problem, drawn)
            flips = {place: (factor, choice) for place, factor, choice in siting.flips(problem, best)}
            same = sum(other.chosen == best.chosen for other in chosen) / len(chosen)
            for number, place in enumerate(places):
                factor, choice = flips.get(number, (None, ()))
                found.append({
                    "plan": plan["plan"], "method": method, "sites": sites, "ref_area": codes[number], "loss": place["loss"],
                    "is_host": bool(hosts[number]), "is_chosen": number in best.chosen, "selected_share": float(shares[number]),
                    "flip_factor": factor, "flip_to": [codes[other] for other in choice], "score": best.score,
                    "same_choice_share": same,
                })  # fmt: skip
    return found


def relation(found: Rows) -> "pyarrow.Table":
    """The rows as a table, with its types even where there is none."""
    import pyarrow as pa

    text, number, flag = pa.string(), pa.float64(), pa.bool_()
    columns = {
        "plan": text, "method": text, "sites": pa.int32(), "ref_area": text, "loss": number, "is_host": flag, "is_chosen": flag,
        "selected_share": number, "flip_factor": number, "flip_to": pa.list_(text), "score": number, "same_choice_share": number,
    }  # fmt: skip
    return pa.Table.from_pylist(found, schema=pa.schema(list(columns.items())))
