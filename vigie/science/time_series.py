"""One series: its season, its odd values, its breaks, and what comes next.

Cleveland and others (1990) for STL, Wang, Smith and Hyndman (2006) for the strength of a season, Iglewicz and
Hoaglin (1993) for the robust z, Killick and others (2012) for PELT, Assimakopoulos and Nikolopoulos (2000) for the
theta forecast.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from vigie.science import ScienceError
from vigie.science.periods import LUNAR_SHARE, PERIODS, Frequency, counted, label, ramadan_share

Values = NDArray[np.float64]

LEAST_YEARS = 3
LEAST_STRENGTH = 0.64
MOST_Z = 3.5
LEAST_SCREENED = 12
LEAST_BETWEEN_BREAKS = 6
LEAST_MOVING = 4
"""Periods a year from which on Ramadan, eleven days earlier each year, changes period often enough to be told."""
LEAST_T = 2.0
LEAST_FITTED = 8
"""Values without which the theta method is not tried, and trials without which its record tells nothing."""
LAST_TRIED = 16
SEASON_ERROR = 1.5
"""How far a season yet to come strays, in deviations of the remainder: set on simulated and published series so that
intervals hold what they say one period ahead (docs/lab.md), where those of the theta method alone hold far less."""
BLOCK = 1024
"""Rows screened at a time, few enough to stay in the processor's cache."""


@dataclass(frozen=True)
class Series:
    """Values of consecutive periods from `first` on, NaN where nothing is known; none at either end."""

    first: int
    values: Values
    frequency: Frequency

    @property
    def is_logged(self) -> bool:
        """Whether the work is done on logarithms: a single value that is not above zero forbids it."""
        return bool(np.nanmin(self.values) > 0)

    @property
    def worked(self) -> Values:
        return np.log(self.values) if self.is_logged else self.values

    @property
    def missing(self) -> list[str]:
        """The holes, as labels."""
        return [label(self.first + int(place), self.frequency) for place in np.flatnonzero(np.isnan(self.values))]


def series(known: Mapping[int, float], frequency: Frequency) -> Series:
    """Known values laid on their periods; ScienceError when there is none, or one that is not finite."""
    if not known:
        raise ScienceError("aucune valeur connue dans la table")
    first = min(known)
    laid = np.full(max(known) - first + 1, np.nan)
    for number, value in known.items():
        if not np.isfinite(value):
            raise ScienceError(f"{label(number, frequency)} : « {value} » n'est pas une valeur ; la laisser vide")
        laid[number - first] = value
    return Series(first, laid, frequency)


@dataclass(frozen=True)
class Effect:
    """What Ramadan does to the logarithm of a period wholly inside it, its standard error, whether it was removed."""

    value: float
    error: float
    is_applied: bool


@dataclass(frozen=True)
class Adjustment:
    """A series without its season; where `reason` (French) says why it was left as it is, `adjusted` is the raw one.

    `season` and `remainder` are on the scale worked on (logarithms for values above zero); the season holds
    Ramadan's part, and `trend` is in the unit of the values. `missing_periods` is how many more periods are wanted.
    """

    adjusted: Values
    season: Values
    trend: Values | None
    remainder: Values | None
    strength: float | None
    ramadan: Effect | None
    missing_periods: int
    reason: str | None


def least(frequency: Frequency) -> int:
    """Consecutive periods without which nothing is told: three full years, and twelve values in any case."""
    return max(LEAST_YEARS * PERIODS[frequency], LEAST_SCREENED)


def unadjusted(given: Series, reason: str) -> Adjustment:
    """The series left as it is, because of what it lacks if it lacks something, else for the reason given (French)."""
    short = max(0, least(given.frequency) - len(given.values))
    return Adjustment(given.values, np.zeros(len(given.values)), None, None, None, None, short, _lack(given, short) or reason)


def adjust(given: Series, ramadan: Literal["tested", "always", "never"] = "tested") -> Adjustment:
    """Robust STL on logarithms after Ramadan's effect is taken out, if the series is long and seasonal enough."""
    from statsmodels.tsa.seasonal import STL

    length = PERIODS[given.frequency]
    short = max(0, least(given.frequency) - len(given.values))
    strength, effect, reason = None, None, _lack(given, short)
    if reason is None and length == 1:
        reason = "une série annuelle n'a pas de saison : elle est laissée brute"
    if reason is None and not given.is_logged:
        reason = "une valeur nulle ou négative n'a pas de logarithme : la série est laissée brute"
    if reason is None:
        shift = np.zeros(len(given.values))
        if ramadan != "never" and length >= LEAST_MOVING:
            effect, shift = _ramadan(given, is_forced=ramadan == "always")
        cleared = given.worked - shift
        parts = STL(cleared, period=length, robust=True).fit()
        season, remainder = np.asarray(parts.seasonal), np.asarray(parts.resid)
        around = float(np.var(remainder + season))
        strength = max(0.0, 1 - float(np.var(remainder)) / around) if around > 1e-20 else 0.0
        if strength > LEAST_STRENGTH:
            adjusted = np.exp(cleared - season)
            return Adjustment(adjusted, season + shift, np.exp(np.asarray(parts.trend)), remainder, strength, effect, short, None)
        told = f"{strength:.2f}".replace(".", ",")
        reason = f"saisonnalité trop faible ({told}, il faut plus de 0,64) : la série est laissée brute"
        effect = None if effect is None else Effect(effect.value, effect.error, False)
    return Adjustment(given.values, np.zeros(len(given.values)), None, None, strength, effect, short, reason)


def _lack(given: Series, short: int) -> str | None:
    """Why nothing that needs whole years can be told, in French."""
    if given.missing:
        listed = ", ".join(given.missing[:6]) + ("…" if len(given.missing) > 6 else "")
        return f"{len(given.missing)} période(s) sans valeur ({listed}) : la série est laissée brute ; obtenir ces chiffres"
    if short:
        return missing_fr(len(given.values), given.frequency)
    return None


def missing_fr(known: int, frequency: Frequency) -> str:
    """How many periods a series of so many lacks, in French."""
    lacking = counted(least(frequency) - known, frequency)
    return f"il manque {lacking} : {counted(known, frequency)} de suite, il en faut {least(frequency)}"


def _ramadan(given: Series, is_forced: bool) -> tuple[Effect | None, Values]:
    """Ramadan's effect and what it adds to each period, none when the months alone already tell it.

    Huber regression of the changes of the logarithm on the changes of fixed seasons and of Ramadan's share: in
    changes, a season that moves slowly is not taken for Ramadan, which moves too. The shift is told from the
    long-run share, so that the level of a year stays its own.
    """
    from statsmodels.robust.robust_linear_model import RLM

    count, length = len(given.values), PERIODS[given.frequency]
    share = np.array([ramadan_share(given.first + n, given.frequency) for n in range(count)])
    seasons = np.diff(np.eye(length)[np.arange(count) % length], axis=0)[:, 1:]
    design = np.column_stack([np.ones(count - 1), seasons, np.diff(share)])
    none = np.zeros(count)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None, none
    changes = np.diff(given.worked)
    if np.ptp(changes) < 1e-12:
        return None, none
    fitted = RLM(changes, design).fit()
    value, error = float(fitted.params[-1]), float(fitted.bse[-1])
    if not np.isfinite([value, error]).all():
        return None, none
    is_applied = is_forced or abs(value) > LEAST_T * error
    return Effect(value, error, is_applied), value * (share - LUNAR_SHARE) if is_applied else none


def robust_z(values: Values) -> Values:
    """How far each value is from the median of its row, in robust standard deviations; rows are series.

    0.6745 (x - median) / MAD, and where more than half of a row is one value, (x - median) / (1.2533 mean absolute
    deviation). NaN where nothing is known, and in rows of fewer than twelve known values; zero in a flat row.
    """
    known = np.count_nonzero(~np.isnan(values), axis=-1)
    apart = values - _median(values, known)[..., None]
    size = np.abs(apart)
    spread = _median(size, known) / 0.6745
    flat = np.flatnonzero(spread == 0)
    if flat.size:
        spread[flat] = 1.2533 * np.nansum(size[flat], axis=-1) / known[flat]
    spread[known < LEAST_SCREENED] = np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((spread == 0)[..., None] & (apart == 0), 0.0, apart / spread[..., None])


def _median(values: Values, known: NDArray[np.intp]) -> Values:
    """Medians of rows by one sort, which leaves NaN last: numpy's own nanmedian is several times slower."""
    ordered = np.sort(values, axis=-1)
    rows = np.arange(len(values))
    lower = ordered[rows, np.maximum(known - 1, 0) // 2]
    middle: Values = (lower + ordered[rows, np.minimum(known // 2, values.shape[1] - 1)]) / 2
    return middle


def screen(values: Values, lag: int) -> Values:
    """The robust z of the change over `lag` periods, rows being series; NaN where either end is not known.

    What makes a whole table of series cheap to look through. An odd value shows twice: on its own period, and on
    the one a lag later, with the other sign.
    """
    count, length = values.shape
    found = np.full(values.shape, np.nan)
    if length > lag:
        for start in range(0, count, BLOCK):
            rows = values[start : start + BLOCK]
            found[start : start + BLOCK, lag:] = robust_z(rows[:, lag:] - rows[:, : length - lag])
    return found


def anomalies(given: Series, adjustment: Adjustment) -> Values:
    """The robust z of each period: of the remainder once the season is known, else of the change over a year.

    The remainder is that of a plain decomposition: a robust one fits most periods so closely that a tenth of a sound
    series would stand out.
    """
    if adjustment.remainder is not None:
        from statsmodels.tsa.seasonal import STL

        cleared = given.worked - _shift(given, adjustment, np.arange(len(given.values)))
        rows = robust_z(np.asarray(STL(cleared, period=PERIODS[given.frequency]).fit().resid)[None, :])
    else:
        rows = screen(given.worked[None, :], PERIODS[given.frequency])
    scores: Values = rows[0]
    return scores


def change_points(values: Values) -> list[int]:
    """Places where a new level begins: PELT on means, penalty 3 ln n, six values at least between two.

    Values are told in units of their noise, the robust deviation of their changes, so that a break does not hide
    in the variance that it makes. A steady slope is cut in steps: give the changes of a series that has one.
    """
    from ruptures import KernelCPD

    count = len(values)
    changes = np.diff(values)
    if count < 2 * LEAST_BETWEEN_BREAKS:
        return []
    noise = 1.4826 * float(np.median(np.abs(changes - np.median(changes)))) / np.sqrt(2) or float(np.std(values))
    if noise < 1e-12:
        return []
    signal = ((values - np.mean(values)) / noise).reshape(-1, 1)
    found = KernelCPD(kernel="linear", min_size=LEAST_BETWEEN_BREAKS).fit(signal).predict(pen=3 * np.log(count))
    return [int(place) for place in found[:-1]]


def breaks(given: Series, adjustment: Adjustment, of: Literal["level", "growth"] = "level") -> list[int]:
    """Places of the periods where a new level, or a new pace, of the adjusted series begins.

    None where the series is too short or has holes: a season that is not known would be taken for breaks.
    """
    if _lack(given, adjustment.missing_periods) is not None:
        return []
    cleared = given.worked - adjustment.season
    return change_points(cleared) if of == "level" else [place + 1 for place in change_points(np.diff(cleared))]


@dataclass(frozen=True)
class Forecast:
    """The median of periods to come, and the interval that should hold each of them `level` of the time."""

    value: Values
    lower: Values
    upper: Values


def forecast(given: Series, adjustment: Adjustment, horizon: int, level: float = 0.8) -> Forecast | None:
    """Theta forecast of the adjusted series, the last year's season put back, with the Ramadans to come.

    None where the series is too short or has holes: its season is then unknown, and a forecast without it misleads.
    The interval joins the error of the theta method and that of the season, which the method does not see.
    """
    if _lack(given, adjustment.missing_periods) is not None or horizon < 1:
        return None
    length, count = PERIODS[given.frequency], len(given.values)
    base = given.worked - adjustment.season
    season, unsaid = np.zeros(horizon), 0.0
    if adjustment.remainder is not None:
        coming = np.arange(count, count + horizon)
        last = count - length + (coming - count) % length
        unsaid = float(np.std(adjustment.remainder)) * SEASON_ERROR
        season = adjustment.season[last] + (_shift(given, adjustment, coming) - _shift(given, adjustment, last))
    middle, spread = _theta(base, horizon, level)
    half = np.hypot(spread, norm.isf((1 - level) / 2) * unsaid)
    back = np.exp if given.is_logged else np.asarray
    return Forecast(back(middle + season), back(middle + season - half), back(middle + season + half))


def forecast_over_year(given: Series, horizon: int, level: float = 0.8) -> Forecast | None:
    """The same period of the year before, moved by the theta forecast of the change over a year; a year ahead at most.

    What a series compared with the year before allows without any season being told. None where the series is too
    short, annual or has holes.
    """
    length, count = PERIODS[given.frequency], len(given.values)
    if length == 1 or not 1 <= horizon <= length or count < least(given.frequency) or given.missing:
        return None
    worked = given.worked
    middle, half = _theta(worked[length:] - worked[:-length], horizon, level)
    before = worked[count - length : count - length + horizon]
    back = np.exp if given.is_logged else np.asarray
    return Forecast(back(before + middle), back(before + middle - half), back(before + middle + half))


def _theta(base: Values, horizon: int, level: float) -> tuple[Values, Values]:
    """The theta forecast of a series without a season, and half the width of its interval.

    The method's own interval takes its smoothing for granted, and is too narrow where the series has a slope: it is
    widened to what its last forecasts, each made on what came before, would have needed.
    """
    middle, half = _fitted(base, horizon, level)
    ends = range(max(LEAST_FITTED, len(base) - LAST_TRIED), len(base))
    missed: list[list[float]] = [[] for _ in range(horizon)]
    for end in ends:
        ahead = base[end : end + horizon]
        for step, away in enumerate(np.abs(ahead - _fitted(base[:end], len(ahead), level)[0])):
            missed[step].append(float(away))
    needed = [float(np.quantile(known, level)) if len(known) >= LEAST_FITTED else 0.0 for known in missed]
    return middle, np.maximum.accumulate(np.maximum(half, needed))


def _fitted(base: Values, horizon: int, level: float) -> tuple[Values, Values]:
    """The theta forecast and the half width that its smoothing (an ARIMA(0,1,1) with a slope) gives."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    if np.ptp(base) < 1e-12:
        return np.full(horizon, base[-1]), np.zeros(horizon)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an optimiser that stops at its last iteration still gives its best smoothing
        fitted = ThetaModel(base, period=1, deseasonalize=False).fit()
    alpha, reached, errors = float(fitted.params["alpha"]), base[0], []
    for value in base[1:]:
        errors.append(value - reached)
        reached += alpha * (value - reached)
    # statsmodels tells the same spread by maximum likelihood, a hundred times slower
    spread = np.std(errors, ddof=1) * np.sqrt(1 + np.arange(horizon) * alpha**2)
    return fitted.forecast(horizon).to_numpy(), norm.isf((1 - level) / 2) * spread


def _shift(given: Series, adjustment: Adjustment, places: NDArray[np.intp]) -> Values:
    effect = adjustment.ramadan
    if effect is None or not effect.is_applied:
        return np.zeros(len(places))
    shares = [ramadan_share(given.first + int(place), given.frequency) for place in places]
    return effect.value * (np.array(shares) - LUNAR_SHARE)
