"""Integer programmes solved by HiGHS, without a word on the standard output."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scipy.optimize import Bounds, OptimizeResult, milp


def solve(cost: Any, rules: Any, whole: Any, bounds: Bounds) -> OptimizeResult:
    """The least `cost` under the rules, to the last unit; `x` is None where nothing holds. As `scipy.optimize.milp` has it."""
    with _standard_output_kept_for_reports():
        return milp(cost, constraints=rules, integrality=whole, bounds=bounds, options={"mip_rel_gap": 0})


@contextmanager
def _standard_output_kept_for_reports() -> Iterator[None]:
    """HiGHS writes some of its lines to the descriptor itself, whatever it is asked."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
