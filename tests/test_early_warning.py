"""Back-tests on a public history, through the bench: what the house says of a signal, on figures anybody can work again.

The series are statsmodels' macrodata (United States, 1959 to 2009, public domain); peaks and troughs are those of the
NBER's Business Cycle Dating Committee.
"""

import csv
import json

import numpy as np
import pytest
from statsmodels.datasets import macrodata

from vigie import cli

PEAKS = ["1960-Q2", "1969-Q4", "1973-Q4", "1980-Q1", "1981-Q3", "1990-Q3", "2001-Q1", "2007-Q4"]
TROUGHS = ["1961-Q1", "1970-Q4", "1975-Q1", "1980-Q3", "1982-Q4", "1991-Q1", "2001-Q4", "2009-Q2"]
DATA = macrodata.load_pandas().data
QUARTERS = [f"{year:.0f}-Q{quarter:.0f}" for year, quarter in zip(DATA["year"], DATA["quarter"], strict=True)]
RECESSIONS = {
    QUARTERS[place]
    for peak, trough in zip(PEAKS, TROUGHS, strict=True)
    for place in range(QUARTERS.index(peak) + 1, QUARTERS.index(trough) + 1)
}
RATES = DATA["tbilrate"].diff(4)
INFLATION = 100 * np.log(DATA["cpi"]).diff(4)


def backtest(tmp_path, capsys, signal, **more):
    """The bench's answer on a signal that should announce a peak within six quarters, recessions left out."""
    table = tmp_path / "table.csv"
    with table.open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(["quarter", "signal", "peak", "recession"])
        for quarter, value in zip(QUARTERS, signal, strict=True):
            lines.writerow([quarter, "" if np.isnan(value) else value, int(quarter in PEAKS), int(quarter in RECESSIONS)])
    spec = {"period": "quarter", "signal": "signal", "event": "peak", "excluded": "recession", "horizon": 6} | more
    written = tmp_path / "banc.yml"
    written.write_text(json.dumps(spec))
    assert cli.main(["lab", "backtest", str(table), "--with", str(written), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_rise_of_the_treasury_bill_rate_over_a_year_warned_of_every_peak(tmp_path, capsys):
    assert (len(QUARTERS), len(RECESSIONS)) == (203, 30)
    found = backtest(tmp_path, capsys, RATES)
    assert found["periods"] == 169 and found["auroc"] == pytest.approx(0.7857, abs=5e-5)
    assert found["threshold"] == pytest.approx(0.68)
    assert [found[name] for name in ("tp", "fp", "fn", "tn")] == [29, 32, 12, 96]
    assert found["nsr"] == pytest.approx(0.353, abs=5e-4) and found["usefulness"] == pytest.approx(0.229, abs=5e-4)
    assert [line["lead"] for line in found["leads"]] == [1, 6, 4, 6, 6, 6, 5, 6]


def test_inflation_over_a_year_warned_of_fewer_peaks_with_fewer_false_alarms(tmp_path, capsys):
    found = backtest(tmp_path, capsys, INFLATION)
    assert found["auroc"] == pytest.approx(0.7572, abs=5e-5) and found["threshold"] == pytest.approx(4.393, abs=5e-4)
    assert [found[name] for name in ("tp", "fp", "fn", "tn")] == [25, 18, 16, 110]
    assert found["nsr"] == pytest.approx(0.231, abs=5e-4) and found["usefulness"] == pytest.approx(0.235, abs=5e-4)


def test_in_real_time_the_same_signal_is_worth_little_more_than_half(tmp_path, capsys):
    found = backtest(tmp_path, capsys, RATES, first="1980-Q1")
    (live,) = found["real_time"]
    assert live["tpr"] == pytest.approx(0.545, abs=5e-4) and live["fpr"] == pytest.approx(0.278, abs=5e-4)
    assert live["usefulness"] == pytest.approx(0.133, abs=5e-4)
    assert found["usefulness"] / live["usefulness"] == pytest.approx(1.7, abs=0.05)
