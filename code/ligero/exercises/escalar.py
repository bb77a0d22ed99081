"""Ejercicios de `acelerar/escalar`."""

from math import ceil, inf
from numbers import Integral

import numpy as np

from ligero.exercises import Trial, exercise

_MOST, _SERVES, _STARTS_IN = 4, 6, 3  # réplicas, fotos por segundo de cada una y segundos que tarda en arrancar


@exercise(
    "escalar-1",
    asks="Escribe `user_p99(log)`: el p99 en segundos que vive quien manda la foto, con las perdidas contadas.",
    first_hint="¿Qué instante es el primero para quien manda la foto? ¿Y cuánto tarda la que no llega?",
)
def user_p99(trial: Trial) -> str:
    """Registros con cola en el cliente, desordenados, con perdidas por debajo y por encima del 1 %."""
    rng = np.random.default_rng(11)
    for count, lost, waits, shown in (
        (200, 0, False, "200 fotos que salen a su hora"),
        (400, 0, True, "400 fotos que salen tarde"),
        (300, 3, True, "300 fotos, 3 de ellas perdidas"),
        (200, 9, True, "200 fotos, 9 de ellas perdidas"),
    ):
        log = _log(rng, count, lost, waits)
        got = trial.call([tuple(row) for row in log], shown=shown)
        expected = _user_p99(log)
        if expected == inf:
            trial.require(
                isinstance(got, float) and got == inf,
                f"Con {shown}, se ha perdido más del 1 % y tu función da {_brief(got)}.",
                "Para quien la mandó, una foto perdida tarda infinito: si son más del 1 %, el p99 es `math.inf`.",
            )
            continue
        got = trial.number(got, f"Con {shown}")
        trial.require(
            abs(got - expected) < 1e-9, f"Con {shown} da {got:.4f} s y es {expected:.4f} s.", _p99_hint(log, got)
        )
    return (
        "Si tu herramienta de carga solo escribe el instante en que envió, ¿qué más necesitas para rehacer la cuenta?"
    )


def _log(rng: np.random.Generator, count: int, lost: int, waits: bool) -> list[tuple]:
    planned, free, rows = np.cumsum(rng.exponential(0.01, count)), 0.0, []
    for moment in planned:
        sent = max(moment, free) if waits else moment
        free = sent + rng.uniform(0.008, 0.02)
        rows.append((float(moment), float(sent), float(free)))
    for i in rng.choice(count, lost, replace=False):
        rows[i] = (*rows[i][:2], None)
    return [rows[i] for i in rng.permutation(count)]


def _user_p99(log: list[tuple], start: int = 0, keep_lost: bool = True) -> float:
    latencies = sorted(
        inf if received is None else received - (planned, sent)[start]
        for planned, sent, received in log
        if keep_lost or received is not None
    )
    return latencies[ceil(0.99 * len(latencies)) - 1]


def _p99_hint(log: list[tuple], got: float) -> str:
    close = lambda value: abs(got - value) < 1e-9  # noqa: E731
    answered = [received - planned for planned, _, received in log if received is not None]
    if close(_user_p99(log, 1)) or close(_user_p99(log, 1, False)):
        return "Has contado desde que salió: es la omisión coordinada. Cuenta desde la hora prevista."
    if close(_user_p99(log, 0, False)):
        return "Has dejado fuera las perdidas: cuentan entre las fotos, y con latencia infinita."
    if any(close(np.quantile(values, 0.99)) for values in (answered,)):
        return "Has interpolado. Aquí el p99 es la menor latencia observada que no superan el 99 % de las fotos."
    if close(np.mean(answered)) or close(np.median(answered)):
        return "Eso es la foto media, no la del 1 % peor: ordena las latencias y ve al puesto del 99 %."
    return "Latencia = recibida − prevista; la de una perdida es infinita; ordénalas y toma el puesto `ceil(0.99 · n)`."


@exercise(
    "escalar-2",
    asks="Escribe `merge(shards, n)`: las puntuaciones en orden, con NaN donde falten, y la lista de filas que faltan.",
    first_hint="Cada fragmento dice qué filas trae. ¿De qué te sirve el orden en que han llegado?",
)
def merge(trial: Trial) -> str:
    """Fragmentos desordenados, por saltos o seguidos, uno repetido por un reintento y otro perdido."""
    rng = np.random.default_rng(23)
    for n, parts, strided, drop, repeat, shown in (
        (12, 3, False, None, None, "tres fragmentos seguidos, en otro orden"),
        (23, 4, True, None, None, "cuatro fragmentos salteados"),
        (20, 4, True, None, 1, "un fragmento que llega dos veces"),
        (31, 5, True, 2, 3, "un fragmento perdido y otro repetido"),
    ):
        truth = rng.normal(size=(n, 2)).astype(np.float32)
        pieces = [np.arange(i, n, parts) for i in range(parts)] if strided else np.array_split(np.arange(n), parts)
        arrived = [i for i in rng.permutation(parts)[::-1].tolist() if i != drop]
        arrived = arrived[1:] + arrived[:1] if arrived == sorted(arrived) else arrived
        arrived += [] if repeat is None else [repeat]
        shards = [{"rows": pieces[i].copy(), "scores": truth[pieces[i]]} for i in arrived]
        expected, missing = truth.copy(), [] if drop is None else pieces[drop].tolist()
        expected[missing] = np.nan
        got = trial.call(shards, n, shown=shown)
        trial.require(
            isinstance(got, tuple | list) and len(got) == 2 and isinstance(got[0], np.ndarray),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera el par (array, lista).",
            "Acaba con `return scores, missing`.",
        )
        scores, said = got
        trial.require(
            scores.shape == (n, 2),
            f"Con {shown}, el array tiene forma {scores.shape} y el lote, {n} filas.",
            "Reserva las n filas antes de colocar nada: un fragmento repetido no añade filas ni uno perdido las quita.",
        )
        if missing and not np.isnan(scores[missing]).all():
            trial.reject(
                f"Con {shown}, falta la fila {missing[0]} y en ella pones {scores[missing[0]].tolist()}.",
                "Un cero inventado parece una puntuación. Empieza con todo a NaN.",
            )
        trial.require(
            np.array_equal(scores, expected, equal_nan=True),
            f"Con {shown}, la primera fila distinta es la {int(np.argmax((scores != expected).any(1)))}.",
            "No pegues los fragmentos en el orden en que llegan: coloca cada uno en sus `rows`.",
        )
        said = [trial.number(row, f"Con {shown}, en la lista de filas que faltan") for row in np.asarray(said).tolist()]
        trial.require(
            said == missing,
            f"Con {shown}, dices que faltan {said} y faltan {missing}.",
            "Busca qué filas, de 0 a n − 1, no ha traído nadie, y dalas en orden.",
        )
    return "¿Qué harías ahora con la lista: repetir el lote, o lanzar solo esas filas?"


@exercise(
    "escalar-3",
    asks="Escribe `replicas_needed(rate, curve, budget_ms)`: las réplicas que cumplen el p99 aunque falte una.",
    first_hint="Primero, la carga que aguanta una réplica según la curva; después, cuántas y la que puede faltar.",
)
def replicas_needed(trial: Trial) -> str:
    """Curvas con un punto ruidoso, presupuestos imposibles y cargas que caen justo en el límite."""
    tidy = [(20, 15.0), (40, 22.0), (60, 48.0), (70, 140.0), (80, 900.0)]
    noisy = [(20, 15.0), (40, 130.0), (60, 90.0), (70, 400.0)]
    for rate, curve, budget, shown in (
        (120, tidy, 50.0, "120 fotos/s y 50 ms, dos réplicas justas"),
        (500, tidy, 50.0, "500 fotos/s y 50 ms"),
        (150, tidy, 100.0, "150 fotos/s y 100 ms, entre dos puntos"),
        (100, noisy, 100.0, "una curva que se pasa a 40 fotos/s y vuelve a bajar a 60"),
        (90, tidy[::-1], 20.0, "la curva al revés"),
        (30, tidy, 10.0, "un plazo de 10 ms, menor que el de la réplica vacía"),
    ):
        got = trial.number(trial.call(rate, list(curve), budget, shown=shown), f"Con {shown}")
        expected = _replicas(rate, curve, budget)
        trial.require(
            got == expected, f"Con {shown} da {got:g} y son {expected}.", _replicas_hint(rate, curve, budget, got)
        )
    return "Con muchas réplicas, la de reserva sale barata. ¿Cuánto cuesta, en proporción, cuando solo hacen falta dos?"


def _safe_load(curve: list, budget: float) -> float:
    safe = 0.0
    for load, p99 in sorted(curve):
        if p99 > budget:
            break
        safe = load
    return safe


def _replicas(rate: float, curve: list, budget: float) -> int:
    safe = _safe_load(curve, budget)
    return ceil(rate / safe) + 1 if safe else 0


def _replicas_hint(rate: float, curve: list, budget: float, got: float) -> str:
    safe, within = _safe_load(curve, budget), [load for load, p99 in curve if p99 <= budget]
    if not safe:
        return "Ninguna carga medida cumple ese plazo: con más réplicas no baja. Devuelve 0."
    if rate % safe and got == rate // safe + 1:
        return "Redondea hacia arriba las que atienden y después suma la de reserva."
    if got == ceil(rate / safe):
        return "Cuadra con todas en pie, pero ha de aguantar si falta una."
    if got == ceil(rate / max(within)) + 1:
        return "Has usado una carga que está por encima de otra que ya se pasaba: un punto suelto puede ser suerte."
    if got == ceil(rate / max(load for load, _ in curve)) + 1:
        return "Has dividido por la carga máxima de la curva, donde el p99 ya no cumple el plazo."
    return "Toma la mayor carga medida tal que ella y todas las menores cumplen; no supongas nada entre dos puntos."


@exercise(
    "escalar-4",
    asks="Escribe `decide(history, replicas)`: cuántas réplicas quieres ahora, de 1 a 4, mirando la cola.",
    first_hint="Bajar es gratis, pero arrepentirse no. ¿Debe bastar lo mismo para subir y para bajar?",
)
def decide(trial: Trial) -> str:
    """La regla gobierna un servicio simulado con tres trazas que el cuaderno no enseña."""
    for seed, profile, shown in (
        (1, [(120, 4)], "una noche tranquila"),
        (2, [(60, 4), (90, 15), (90, 4)], "una tarde con un pico"),
        (3, [(50, 4), (50, 15), (50, 4), (50, 15), (50, 4)], "dos picos"),
    ):
        rng = np.random.default_rng(seed)
        arrivals = np.concatenate([rng.poisson(mean, length) for length, mean in profile]).tolist()
        queues, wanted = _simulate(trial, arrivals, shown)
        worst, cost = max(queues), sum(wanted) / (_MOST * len(wanted))
        changes = int(np.count_nonzero(np.diff(wanted)))
        trial.require(
            worst <= 80,
            f"En {shown}, la cola llega a {worst} fotos (se admiten 80).",
            "Sube antes: mientras arranca una réplica, la cola sigue creciendo tres segundos.",
        )
        trial.require(
            cost <= 0.75,
            f"En {shown}, gastas el {100 * cost:.0f} % de lo que costaría tener siempre cuatro (se admite el 75 %).",
            "Cuando la cola lleve un rato vacía, retira una réplica.",
        )
        trial.require(
            changes <= len(arrivals) / 10,
            f"En {shown}, cambias de número {changes} veces en {len(arrivals)} segundos.",
            "Eso es oscilar. Usa histéresis: para bajar, exige que la cola lleve vacía bastantes segundos, no uno.",
        )
    return "Tu regla reacciona a la cola que ya hay. ¿Qué mirarías para pedir la réplica antes de que haga falta?"


def _simulate(trial: Trial, arrivals: list[int], shown: str) -> tuple[list[int], list[int]]:
    queue, ready, starting, queues, wanted = 0, 1, [], [], []
    for arrived in arrivals:
        ready += sum(left == 1 for left in starting)
        starting = [left - 1 for left in starting if left > 1]
        queue = max(0, queue + arrived - _SERVES * ready)
        queues.append(queue)
        now = ready + len(starting)
        want = trial.call(list(queues), now, shown=f"{shown}, a los {len(queues)} s")
        good = isinstance(want, Integral) and not isinstance(want, bool) and 1 <= want <= _MOST
        trial.require(
            good,
            f"En {shown}, con cola {queue} y {now} réplicas, pides {_brief(want)}.",
            "Devuelve un entero de 1 a 4: con ninguna réplica nadie atiende, y no hay más de cuatro máquinas.",
        )
        wanted.append(int(want))
        starting += [_STARTS_IN] * (int(want) - now)
        for _ in range(now - int(want)):  # se cancela antes la que aún arranca
            if starting:
                starting.pop()
            else:
                ready -= 1
    return queues, wanted


def _brief(value: object) -> str:
    return f"{value!r}" if type(value) in (int, float, str, bool) else type(value).__name__
