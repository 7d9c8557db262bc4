"""A period not yet told, from series that already tell of it: one common factor, by the Kalman filter.

Banbura and Modugno (2014): monthly and quarterly series, of unequal ends, in changes of their logarithms.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from vigie.science.periods import PERIODS, counted, first_day, holding, label
from vigie.science.time_series import Forecast, Series, Values, least, missing_fr

ITERATIONS = 200
LAST_TRIED = 8


@dataclass(frozen=True)
class Nowcast:
    """The periods that the target lacks and the others tell; without them, the reason (French)."""

    coming: Forecast | None
    reason: str | None


def nowcast(target: Series, early: Mapping[str, Series], level: float = 0.8) -> Nowcast:
    """The periods after the last of the target that every early series has reached at least in part.

    Every series must be long enough on its own, without a hole and above zero, and one at least must go further than
    the target. The interval takes the factor's parameters for known, and is widened to what its last trials would
    have needed.
    """
    lacks = [_lack("la série", target), *(_lack(name, given) for name, given in early.items())]
    told = [lack for lack in lacks if lack] or ([] if early else ["aucune série précoce n'est connue"])
    if told:
        return Nowcast(None, " ; ".join(told))
    steps = max(_reached(given, target) for given in early.values())
    if steps < 1:
        return Nowcast(None, "aucune série précoce ne dépasse encore la dernière période connue")
    try:
        value, half = _by_factor(target, list(early.values()), steps, level)
        half = np.maximum(half, _missed(target, list(early.values()), level) * np.sqrt(np.arange(1, steps + 1)))
    except np.linalg.LinAlgError:
        half = np.full(steps, np.nan)
    if not np.isfinite(half).all():
        return Nowcast(None, "le facteur commun ne se laisse pas estimer sur ces séries")
    back = np.log(value)
    return Nowcast(Forecast(value, np.exp(back - half), np.exp(back + half)), None)


def _missed(target: Series, early: Sequence[Series], level: float) -> float:
    """What the last nowcasts, each made without the periods told since, would have needed on either side."""
    away = []
    for back in range(1, LAST_TRIED + 1):
        held = [replace(one, values=one.values[: len(one.values) - back * PERIODS[one.frequency] // PERIODS[target.frequency]])
                for one in early]  # fmt: skip
        value, _ = _by_factor(replace(target, values=target.values[:-back]), held, 1, level)
        away.append(abs(float(np.log(value[0] / target.values[-back]))))
    return float(np.quantile(away, level))


def _lack(name: str, given: Series) -> str | None:
    if given.frequency not in ("M", "Q"):
        return f"{name} : ni mensuelle ni trimestrielle"
    if given.missing:
        return f"{name} : {counted(len(given.missing), given.frequency)} sans valeur ({', '.join(given.missing[:3])}…)"
    if len(given.values) < least(given.frequency):
        return f"{name} : {missing_fr(len(given.values), given.frequency)}"
    return None if given.is_logged else f"{name} : une valeur nulle ou négative n'a pas de logarithme"


def _reached(early: Series, target: Series) -> int:
    """How many periods of the target, after its last, the early series has begun to tell of."""
    last = first_day(early.first + len(early.values) - 1, early.frequency)
    return holding(last, target.frequency) - (target.first + len(target.values) - 1)


def _by_factor(target: Series, early: Sequence[Series], steps: int, level: float) -> tuple[Values, Values]:
    """The values to come, and half the width of their interval on logarithms."""
    import pandas as pd
    from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

    def changes(given: Series) -> pd.Series:
        start = pd.Period(label(given.first, given.frequency), freq=given.frequency)
        periods = pd.period_range(start, periods=len(given.values), freq=given.frequency)
        return pd.Series(np.log(given.values), index=periods).diff().dropna()

    told = {f"early_{n}": changes(given) for n, given in enumerate(early)}
    monthly = pd.DataFrame({name: one for name, one in told.items() if early[int(name[6:])].frequency == "M"})
    quarterly = pd.DataFrame({name: one for name, one in told.items() if name not in monthly} | {
        **({"target": changes(target)} if target.frequency == "Q" else {})
    })  # fmt: skip
    if target.frequency == "M":
        monthly = monthly.join(changes(target).rename("target"), how="outer")
    first, other = (monthly, quarterly) if len(monthly.columns) else (quarterly, None)
    frequency = "M" if len(monthly.columns) else "Q"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a frequency that pandas infers, iterations that end before the tolerance
        model = DynamicFactorMQ(
            first, endog_quarterly=other if other is not None and len(other.columns) else None,
            factors=1, factor_orders=1, # with one early series nothing tells its own movement from the factor
            idiosyncratic_ar1=len(early) > 1,
        )  # fmt: skip
        fitted = model.fit(disp=False, maxiter=ITERATIONS)
        last = pd.Period(label(target.first + len(target.values) - 1, target.frequency), freq=target.frequency)
        wanted = pd.period_range(last + 1, last + steps, freq=target.frequency)
        beyond = max(0, (wanted[-1].asfreq(frequency, "end") - first.index[-1]).n)
        coming = fitted.get_prediction(end=len(first) - 1 + beyond)
    middle, error = coming.predicted_mean["target"], coming.se_mean["target"]
    ends = wanted.asfreq(frequency, "END")  # beside monthly series, a quarter is told at its last month
    change, spread = middle.loc[ends].to_numpy(), error.loc[ends].to_numpy()
    reached = np.log(target.values[-1]) + np.cumsum(change)
    # errors of successive changes are taken as wholly bound together, which can only widen the interval
    half = norm.isf((1 - level) / 2) * np.cumsum(spread)
    return np.exp(reached), half
