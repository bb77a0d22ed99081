import numpy as np
import pandas as pd
import pytest

from ligero import data


@pytest.fixture(scope="module")
def readings():
    return data.demand(years=2)


def test_tables_are_sorted_by_publication_and_nothing_is_published_before_its_time(readings):
    for name in ("demand", "observed", "forecast"):
        table = getattr(readings, name)
        assert table["available_at"].is_monotonic_increasing and set(table["zone"]) == set(data.ZONES)
        assert not table.duplicated(["zone", "hour", "available_at"]).any() and table["value"].notna().all()
    for measured in (readings.demand, readings.observed):
        assert (measured["available_at"] > measured["hour"]).all()


def test_each_hour_has_its_versions(readings):
    counts = {name: len(getattr(readings, name)) for name in ("demand", "observed", "forecast")}
    assert counts == {"demand": 105120, "observed": 52560, "forecast": 105120}
    delay = (readings.demand["available_at"] - readings.demand["hour"]) / pd.Timedelta(hours=1)
    assert delay.min() == 2 and delay.max() == 240 and 0.02 < ((delay > 2) & (delay < 240)).mean() * 2 < 0.04


def test_a_later_forecast_is_better_and_both_are_about_the_observed(readings):
    both = readings.forecast.merge(readings.observed, on=["zone", "hour"], suffixes=("", "_seen"))
    error = (both["value"] - both["value_seen"]).abs()
    first = ~both.duplicated(["zone", "hour"])
    assert error[~first].mean() < 0.7 * error[first].mean() < 3


def test_cold_heat_and_holidays_move_the_demand(readings):
    last = readings.demand.drop_duplicates(["zone", "hour"], keep="last")
    last = last.merge(readings.observed, on=["zone", "hour"], suffixes=("", "_celsius"))
    noon = last[(last["hour"].dt.hour == 12) & (last["hour"].dt.day_of_week < 5) & (last["zone"] == "centro")]
    mild = noon[noon["value_celsius"].between(16, 22)]["value"].mean()
    assert noon[noon["value_celsius"] < 5]["value"].mean() > 1.1 * mild
    assert noon[noon["value_celsius"] > 28]["value"].mean() > 1.05 * mild
    rest = pd.Series(list(zip(noon["hour"].dt.month, noon["hour"].dt.day, strict=True))).isin(data.HOLIDAYS).to_numpy()
    assert noon["value"][rest].mean() < 0.95 * noon["value"][~rest].mean()


def test_the_seed_decides_everything():
    same, again, other = (data.demand(years=1, seed=seed).demand["value"] for seed in (4, 4, 5))
    assert np.array_equal(same, again) and not np.array_equal(same, other)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"years": 0}, ValueError, "1 o más"),
        ({"years": 11}, ValueError, "entre 1 y 10"),
        ({"years": "3"}, TypeError, "`years` debe ser un entero"),
        ({"years": True}, TypeError, "`years` debe ser un entero"),
        ({"seed": -1}, ValueError, "`seed`"),
        ({"seed": None}, TypeError, "`seed` debe ser un entero"),
    ],
)
def test_bad_arguments(arguments, error, says):
    with pytest.raises(error, match=says):
        data.demand(**arguments)
