import math

import pytest

from ligero.budget import budget, euros_per_million


def test_the_tail_and_the_rest_eat_the_deadline():
    assert budget(deadline_ms=100).latency_ms == 100
    assert budget(deadline_ms=100, other_ms=40).latency_ms == 60
    assert budget(deadline_ms=100, other_ms=40, tail=3).latency_ms == 20


def test_a_million_inferences_of_36_ms_are_ten_hours():
    assert euros_per_million(36, 1.0, utilization=1.0) == pytest.approx(10)
    assert euros_per_million(36, 1.0, utilization=0.25) == pytest.approx(40), "lo que espera también se paga"


def test_cost_limits_latency_and_back():
    found = budget(max_euros_per_million=10, euros_per_hour=1.0, utilization=1.0)
    assert found.latency_ms == pytest.approx(36) and found.binding == "coste"
    assert found.euros_per_million == pytest.approx(10)


def test_the_battery_counts_energy():
    # 10 Wh al 1 % son 360 J; a 2 W, 180 s; entre 1 000 inferencias, 180 ms.
    found = budget(battery_wh=10, battery_share=0.01, watts=2, inferences_per_charge=1000)
    assert found.latency_ms == pytest.approx(180) and found.binding == "batería" and found.euros_per_million is None


def test_the_tightest_requirement_rules_and_all_are_told():
    found = budget(deadline_ms=50, max_euros_per_million=10, euros_per_hour=1.0, utilization=1.0)
    assert found.binding == "coste" and dict(found.limits) == pytest.approx({"plazo": 50, "coste": 36})


def test_price_alone_gives_the_cost_without_limiting():
    assert budget(deadline_ms=36, euros_per_hour=1.0, utilization=1.0).euros_per_million == pytest.approx(10)


def test_eight_bits_are_a_byte():
    assert budget(deadline_ms=1, download_s=2, megabits_per_second=4).size_bytes == 1_000_000


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({}, ValueError, "Ningún requisito"),
        ({"download_s": 3, "megabits_per_second": 5}, ValueError, "Ningún requisito"),
        ({"deadline_ms": 100, "other_ms": 100}, ValueError, "no queda nada"),
        ({"deadline_ms": "100"}, TypeError, "`deadline_ms` debe ser un número"),
        ({"deadline_ms": True}, TypeError, "`deadline_ms` debe ser un número"),
        ({"deadline_ms": math.nan}, ValueError, "`deadline_ms`"),
        ({"deadline_ms": 0}, ValueError, "mayor que cero"),
        ({"deadline_ms": 10, "tail": 0.5}, ValueError, "`tail` debe ser 1 o más"),
        ({"deadline_ms": 10, "other_ms": -1}, ValueError, "`other_ms`"),
        ({"max_euros_per_million": 10}, ValueError, "coste le falta `euros_per_hour`"),
        ({"battery_wh": 10, "watts": 2}, ValueError, "batería le falta `inferences_per_charge`"),
        ({"deadline_ms": 10, "download_s": 3}, ValueError, "descarga le falta `megabits_per_second`"),
        ({"deadline_ms": 10, "euros_per_hour": 1, "utilization": 50}, ValueError, "parte de uno"),
    ],
)
def test_bad_requirements_are_explained(arguments, error, says):
    with pytest.raises(error, match=says):
        budget(**arguments)
