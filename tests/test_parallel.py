import hashlib
import subprocess
import sys
import time

import pytest

from ligero import parallel
from ligero.parallel import cpu_scaling, parallel_gain


def spin(_=None):
    hashlib.pbkdf2_hmac("sha256", b"a", b"b", 60_000)


@pytest.fixture
def clock(monkeypatch):
    """Un reloj de mentira: cada trabajo dice lo que tarda, y la máquina, lo que escala en cada ronda."""
    scalings = []
    monkeypatch.setattr(parallel, "_seconds", lambda work: work())
    monkeypatch.setattr(parallel, "cpu_scaling", lambda workers: scalings.pop(0))
    return scalings


def test_the_gain_is_divided_by_what_the_machine_gave_in_that_round(clock):
    clock += [2.0, 1.0, 2.0]
    together = iter([1.0, 2.0, 1.0])  # en la segunda ronda no había núcleo libre, y repartir no ganó nada
    result = parallel_gain(lambda: 2.0, lambda: next(together), rounds=3)
    assert (result.gain, result.cpu_scaling, result.relative) == (2.0, 2.0, 1.0)


def test_rounds_without_a_free_core_are_replaced_while_there_are_extra_ones(clock):
    clock += [1.0, 2.0, 1.0, 2.0, 9.0]
    together = iter([2.0, 1.0, 2.0, 1.0])
    result = parallel_gain(lambda: 2.0, lambda: next(together), rounds=2, extra=3)
    assert (result.gain, result.cpu_scaling, result.relative) == (2.0, 2.0, 1.0)
    assert clock == [9.0]  # con dos rondas buenas no se pide otra


def test_a_machine_that_never_frees_a_core_is_not_hidden(clock):
    clock += [1.0, 1.0, 2.0, 1.0, 1.0]
    result = parallel_gain(lambda: 2.0, lambda: 2.0, rounds=3, extra=2)
    assert (result.gain, result.cpu_scaling) == (1.0, 1.0)


def test_work_that_is_not_shared_out_gains_nothing(clock):
    clock += [2.0] * 5
    result = parallel_gain(lambda: 3.0, lambda: 3.0)
    assert (result.gain, result.relative) == (1.0, 0.5)


def test_the_order_of_the_turns_does_not_change_who_is_who():
    result = parallel_gain(lambda: time.sleep(0.04), lambda: time.sleep(0.01), rounds=4)
    assert 2.5 < result.gain < 6


def test_rivals_are_seen_in_the_calibration():
    """Con tantos rivales como núcleos y medio, dos hilos no doblan a uno."""
    rivals = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        busy = min(cpu_scaling(2) for _ in range(3))
    finally:
        for rival in rivals:
            rival.kill()
            rival.wait()
    idle = max(cpu_scaling(2) for _ in range(3))
    assert busy < idle


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"one": 3, "many": spin}, TypeError),
        ({"one": spin, "many": None}, TypeError),
        ({"one": spin, "many": spin, "rounds": 0}, ValueError),
        ({"one": spin, "many": spin, "extra": -1}, ValueError),
        ({"one": spin, "many": spin, "workers": 1.5}, TypeError),
    ],
)
def test_bad_arguments_are_explained(arguments, error):
    with pytest.raises(error, match="debe ser"):
        parallel_gain(**arguments)


def test_it_measures_with_threads_that_already_exist(monkeypatch):
    """Crear los hilos no entra en la cuenta: la primera vuelta se descarta."""
    calls = []
    monkeypatch.setattr(parallel, "_spin", calls.append)
    cpu_scaling(3)
    assert len(calls) == 3 + 3 + 3 * 3
