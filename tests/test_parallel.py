import hashlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ligero import parallel
from ligero.parallel import cpu_scaling, parallel_gain


def spin(_=None):
    hashlib.pbkdf2_hmac("sha256", b"a", b"b", 60_000)


def test_two_threads_of_pure_work_gain_what_the_machine_gives():
    with ThreadPoolExecutor(2) as pool:
        result = parallel_gain(lambda: [spin(), spin()], lambda: list(pool.map(spin, range(2))))
    assert 0.7 < result.relative < 1.4  # vale con la máquina libre y con ella ocupada


def test_work_that_is_not_shared_out_gains_nothing():
    result = parallel_gain(spin, spin)
    assert result.gain < 1.3


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
