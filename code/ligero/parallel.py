"""Medir lo que gana un trabajo repartido entre núcleos, descontando los que la máquina no tenía libres."""

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ligero import _validate

# Un trabajo que solo calcula y que suelta el cerrojo de Python: unos 10 ms en un portátil.
_ITERATIONS = 20_000
# Lo que debe escalar el cálculo puro, por trabajador, para decir que había núcleos libres.
_FREE = 0.75


@dataclass(frozen=True)
class ParallelGain:
    """Lo que gana repartir un trabajo, y lo que la máquina dejaba ganar en ese momento.

    Attributes:
        gain: Veces que la versión repartida es más rápida (mediana de las rondas).
        cpu_scaling: Veces que crecía entonces el cálculo puro al usar los mismos núcleos (mediana de las rondas).
        relative: Mediana de los cocientes de ambas, ronda a ronda: 1 es aprovechar todo lo que había.
    """

    gain: float
    cpu_scaling: float
    relative: float


def cpu_scaling(workers: int = 2) -> float:
    """Cuánto más cálculo puro hace ahora mismo la máquina con `workers` hilos que con uno.

    Con dos núcleos libres ronda 2; si otro proceso ocupa uno de ellos, baja hacia 1. Dura unas décimas de segundo.

    Args:
        workers: Hilos, 1 o más.

    Returns:
        Veces, mayor que 0.

    Raises:
        TypeError: Si `workers` no es un entero.
        ValueError: Si es menor que 1.

    Example:
        >>> 0.2 < cpu_scaling(2) < 3
        True
    """
    _validate.positive_int(workers, "workers")
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(_spin, range(workers)))  # crea los hilos antes de cronometrar
        alone = min(_seconds(lambda: _spin(0)) for _ in range(3))
        together = float(np.median([_seconds(lambda: list(pool.map(_spin, range(workers)))) for _ in range(3)]))
    return workers * alone / together


def parallel_gain(
    one: Callable[[], object], many: Callable[[], object], *, workers: int = 2, rounds: int = 5, extra: int = 0
) -> ParallelGain:
    """Compara por turnos un trabajo con un núcleo y con varios, y calibra la máquina en cada ronda.

    Args:
        one: Hace el trabajo con un hilo, una réplica o un proceso.
        many: Hace el mismo trabajo con `workers`.
        workers: Cuántos usa `many`.
        rounds: Rondas, 1 o más.
        extra: Rondas de más que se admiten, 0 o más, para no contar las que no tuvieron núcleos libres. Se eligen
            por la calibración, nunca por la ganancia; si no bastan, cuentan todas y `cpu_scaling` lo delata.

    Returns:
        `ParallelGain`. Una ganancia pequeña con `cpu_scaling` cercano a 1 no dice nada del trabajo: no había
        núcleos libres.

    Raises:
        TypeError: Si `one` o `many` no son funciones, o `workers`, `rounds` o `extra` no son enteros.
        ValueError: Si `workers` o `rounds` son menores que 1, o `extra`, menor que 0.

    Example:
        >>> result = parallel_gain(lambda: time.sleep(0.02), lambda: time.sleep(0.01), rounds=1)
        >>> result.gain > 1
        True
    """
    for name, work in (("one", one), ("many", many)):
        if not callable(work):
            raise TypeError(f"`{name}` debe ser una función sin argumentos; has pasado un {type(work).__name__}.")
    _validate.positive_int(rounds, "rounds")
    _validate.positive_int(extra, "extra", least=0)
    gains, scalings, free = [], [], []
    for turn in range(rounds + extra):
        # Se alterna quién va primero, y se calibra en medio: el ruido les toca por igual.
        works = [one, many] if turn % 2 == 0 else [many, one]
        first = _seconds(works[0])
        scalings.append(cpu_scaling(workers))
        second = _seconds(works[1])
        alone, together = (first, second) if turn % 2 == 0 else (second, first)
        gains.append(alone / together)
        free.append(scalings[-1] >= _FREE * workers)
        if sum(free) == rounds:
            gains, scalings = np.array(gains)[free], np.array(scalings)[free]
            break
    return ParallelGain(
        gain=float(np.median(gains)),
        cpu_scaling=float(np.median(scalings)),
        relative=float(np.median(np.array(gains) / np.array(scalings))),
    )


def _spin(_: int) -> None:
    hashlib.pbkdf2_hmac("sha256", b"ligero", b"sal", _ITERATIONS)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
