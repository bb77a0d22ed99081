"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

from statistics import mean, median

import numpy as np
from scipy import stats

from ligero import measure


def _times(invoke, clock, warm_up, rounds):
    for _ in range(warm_up):
        invoke()
    times = []
    for _ in range(rounds):
        start = clock()
        invoke()
        times.append(1000 * (clock() - start))
    return times


def _loop_as_a_whole(invoke, clock, warm_up, rounds):
    for _ in range(warm_up):
        invoke()
    start = clock()
    for _ in range(rounds):
        invoke()
    return 1000 * (clock() - start) / rounds


def _warm_up_counts(invoke, clock, warm_up, rounds):
    return median(_times(invoke, clock, 0, warm_up + rounds))


def _first_rounds_only(invoke, clock, warm_up, rounds):
    return median(_times(invoke, clock, 0, rounds))


def _bound(times, q, confidence=0.95, shift=1):
    ordered = sorted(times)
    for k in range(1, len(ordered) + 1):
        if stats.binom.cdf(k - shift, len(ordered), q / 100) >= confidence:
            return ordered[k - 1]
    return "faltan muestras"


def _never_refuses(times, q):
    bound = _bound(times, q)
    return max(times) if isinstance(bound, str) else bound


def _sorts_in_place(times, q):
    times.sort()
    return _bound(times, q)


def _by_p_value(candidate, reference, margin):
    gained, lost = int((candidate & ~reference).sum()), int((reference & ~candidate).sum())
    if gained + lost == 0 or stats.binomtest(gained, gained + lost).pvalue > 0.05:
        return "no se ha perdido"
    return "se ha perdido" if lost > gained else "no se ha perdido"


def _by_point(candidate, reference, margin):
    points = 100 * (candidate.mean() - reference.mean())
    return "no se ha perdido" if points > -margin else "se ha perdido"


def _against_zero(candidate, reference, margin):
    difference = measure.paired_difference(candidate, reference)
    if difference.high < 0:
        return "se ha perdido"
    return "no se ha perdido" if difference.low > -margin else "no se sabe"


def _only_two_answers(candidate, reference, margin):
    low = measure.paired_difference(candidate, reference).low
    return "no se ha perdido" if low > -margin else "se ha perdido"


def _threads(rows, free_cores, tolerance, *, within=lambda ms, limit: ms <= limit):
    allowed = [row for row in rows if row["threads"] <= max(1, free_cores)]
    best = min(row["ms"] for row in allowed)
    return min((row["threads"] for row in allowed if within(row["ms"], (1 + tolerance) * best)), default=1)


def _best_before_discarding(rows, free_cores, tolerance):
    best = min(row["ms"] for row in rows)
    enough = [row for row in rows if row["ms"] <= (1 + tolerance) * best and row["threads"] <= max(1, free_cores)]
    return min((row["threads"] for row in enough), default=1)


def _fastest(rows, free_cores, tolerance):
    allowed = [row for row in rows if row["threads"] <= max(1, free_cores)]
    return min(allowed, key=lambda row: row["ms"])["threads"]


def _ignore_cores(rows, free_cores, tolerance):
    return _threads(rows, 99, tolerance)


def _seconds(run, clock):
    start = clock()
    run()
    return clock() - start


def _blocks(run_a, run_b, clock, rounds):
    a = [_seconds(run_a, clock) for _ in range(rounds)]
    b = [_seconds(run_b, clock) for _ in range(rounds)]
    return median(b) / median(a)


def _same_order(run_a, run_b, clock, rounds):
    quotients = []
    for _ in range(rounds):
        a = _seconds(run_a, clock)
        quotients.append(_seconds(run_b, clock) / a)
    return median(quotients)


def _alternate(run_a, run_b, clock, rounds):
    pairs = []
    for turn in range(2 * (rounds // 2)):
        if turn % 2 == 0:
            a, b = _seconds(run_a, clock), _seconds(run_b, clock)
        else:
            b, a = _seconds(run_b, clock), _seconds(run_a, clock)
        pairs.append((a, b))
    return pairs


def _upside_down(run_a, run_b, clock, rounds):
    return median(a / b for a, b in _alternate(run_a, run_b, clock, rounds))


def _too_many(run_a, run_b, clock, rounds):
    return median(b / a for a, b in _alternate(run_a, run_b, clock, 10 * rounds))


def _gain(rows, kind, wanted, *, own=None):
    total = rows["ms"].sum()
    own = rows.loc[rows["operador"] == kind, "ms"].sum() if own is None else own
    allowed = total / wanted - (total - own)
    return own / allowed if allowed > 0 else "no basta"


def _never_impossible(rows, kind, wanted):
    total, own = rows["ms"].sum(), rows.loc[rows["operador"] == kind, "ms"].sum()
    allowed = total / wanted - (total - own)
    return own / allowed if allowed else np.inf


def _forward(rows, kind, wanted):
    fraction = rows.loc[rows["operador"] == kind, "ms"].sum() / rows["ms"].sum()
    return 1 / (1 - fraction + fraction / wanted)


def _upside(rows, kind, wanted):
    gain = _gain(rows, kind, wanted)
    return gain if isinstance(gain, str) else 1 / gain


def _one_operator(rows, kind, wanted):
    return _gain(rows, kind, wanted, own=rows.loc[rows["operador"] == kind, "ms"].max())


def _with_nan(rows, kind, wanted):
    times = rows["ms"].to_numpy()
    own = times[rows["operador"] == kind].sum()
    allowed = times.sum() / wanted - (times.sum() - own)
    return "no basta" if allowed <= 0 else own / allowed


MISTAKES = {
    "medir-1": [
        ("la mediana visible en la tabla", lambda *_: 11.0, "No ha llamado a `invoke`"),
        ("la media en lugar de la mediana", lambda *a: mean(_times(*a)), "Has dado la media"),
        ("el bucle entero cronometrado", _loop_as_a_whole, "Has dado la media"),
        ("segundos", lambda *a: median(_times(*a)) / 1000, "Parecen segundos"),
        ("calentamiento anotado", _first_rounds_only, "deben ser 14"),
        ("calentamiento dentro de la muestra", _warm_up_counts, "se espera"),
    ],
    "medir-2": [
        ("el percentil visible en el cuaderno", lambda t, q: float(np.percentile(t, q)), "ni la peor muestra"),
        ("la peor cuando no hay cota", _never_refuses, "ni la peor muestra lo es"),
        ("de dos lados", lambda t, q: _bound(t, q, 0.975), "de un solo lado"),
        ("un puesto de menos", lambda t, q: _bound(t, q, shift=0), "ni la peor muestra"),
        ("ordenar la lista recibida", _sorts_in_place, "cambia la lista"),
        ("rendirse siempre", lambda t, q: "faltan muestras", "y bastan"),
    ],
    "medir-3": [
        ("la regla visible, con un punto fijo", lambda c, r, m: _against_zero(c, r, 1.0), "compara con `-margin`"),
        ("por el valor p", _by_p_value, "p > 0.05"),
        ("por la diferencia medida", _by_point, "extremo inferior asegura"),
        ("contra cero", _against_zero, "compara con `-margin`"),
        ("sin «no se sabe»", _only_two_answers, "extremo inferior asegura"),
    ],
    "medir-4": [
        ("los dos hilos visibles en el cuaderno", lambda *_: 2, "eliges 2"),
        ("la mejor antes de descartar", _best_before_discarding, "Descarta antes de buscar la mejor"),
        ("la más rápida", _fastest, "El octavo hilo apenas mejora"),
        ("sin mirar los núcleos", _ignore_cores, "Más hilos que núcleos libres"),
        (
            "menor estricto",
            lambda r, f, t: _threads(r, f, t, within=lambda ms, limit: ms < limit),
            "Sin tolerancia gana",
        ),
    ],
    "medir-5": [
        ("el cociente visible del enunciado", lambda *_: 1.0, "1.000. Has llamado 0 veces"),
        ("por bloques", _blocks, "Mides por bloques"),
        ("siempre A primero", _same_order, "Siempre va segundo el mismo"),
        ("A entre B", _upside_down, "Es B entre A"),
        ("demasiadas llamadas", _too_many, "el máximo es"),
    ],
    "medir-6": [
        ("el 2.4 visible en la solución", lambda *_: 2.4, "se espera 2.667"),
        ("la ganancia de la red", lambda rows, kind, wanted: wanted, "tendrían que mejorar también"),
        ("Amdahl hacia delante", _forward, "La pregunta va al revés"),
        ("el cociente al revés", _upside, "Es el cociente al revés"),
        ("un solo operador", _one_operator, "Solo has contado uno"),
        ("sin «no basta»", _never_impossible, "no se llega"),
        ("rendirse siempre", lambda *_: "no basta", "sí se llega"),
        ("NaN en la suma", _with_nan, "NaN"),
    ],
}
