"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

from itertools import combinations
from statistics import mean, median

import numpy as np


def _slopes(operations, milliseconds):
    pairs = combinations(zip(operations, milliseconds, strict=True), 2)
    return [(t2 - t1) / (n2 - n1) for (n1, t1), (n2, t2) in pairs if n1 != n2]


def _consecutive(n, t):
    return 1000 * median((t[i + 1] - t[i]) / ((n[i + 1] - n[i]) or 1e9) for i in range(len(n) - 1))


def _with_repeats(n, t):
    pairs = combinations(zip(n, t, strict=True), 2)
    return 1000 * median((b - a) / ((m - k) or 1e-9) for (k, a), (m, b) in pairs)


def _kernels(events):
    return [event for event in events if event["name"].endswith("_kernel_time")]


def _shares(events, weigh, total=None):
    shares = {}
    for event in _kernels(events):
        name = event["args"]["provider"]
        shares[name] = shares.get(name, 0) + weigh(event)
    whole = sum(shares.values()) if total is None else total
    return {name: value / whole for name, value in shares.items()}


def _all_events(events):
    shares = {}
    for event in events:
        name = event["args"].get("provider", "")
        shares[name] = shares.get(name, 0) + event["dur"]
    return {name: value / sum(shares.values()) for name, value in shares.items()}


def _fold(kernel, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale, beta - mean * scale


def _wrong_scale(scale_of):
    def fold(kernel, gamma, beta, mean, variance, epsilon):
        scale = scale_of(gamma, variance, epsilon)
        return kernel * scale, beta - mean * scale

    return fold


def _scales_inputs(kernel, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    if kernel.shape[2] == len(scale):
        return kernel * scale[:, np.newaxis], beta - mean * scale
    return kernel * scale, beta - mean * scale


def _mean_as_it_is(kernel, gamma, beta, mean, variance, epsilon):
    return kernel * (gamma / np.sqrt(variance + epsilon)), beta - mean


def _no_mean(kernel, gamma, beta, mean, variance, epsilon):
    return kernel * (gamma / np.sqrt(variance + epsilon)), beta


def _padded(infer, x, batch):
    parts = []
    for start in range(0, len(x), batch):
        rows = x[start : start + batch]
        full = np.concatenate([rows, np.zeros((batch - len(rows), *x.shape[1:]), x.dtype)])
        parts.append(infer(full))
    return np.concatenate(parts)


def _no_padding(infer, x, batch):
    return np.concatenate([infer(x[start : start + batch]) for start in range(0, len(x), batch)])


def _drops_the_rest(infer, x, batch):
    whole = len(x) // batch * batch
    return np.concatenate([infer(x[start : start + batch]) for start in range(0, whole, batch)] or [np.zeros((0, 3))])


def _one_by_one(infer, x, batch):
    return np.concatenate([infer(np.repeat(row[np.newaxis], batch, axis=0))[:1] for row in x])


def _recycles_the_end(infer, x, batch):
    starts = [min(start, max(len(x) - batch, 0)) for start in range(0, len(x), batch)]
    rows = [np.resize(x[start : start + batch], (batch, *x.shape[1:])) for start in starts]
    return np.concatenate([infer(row) for row in rows])[: len(x)]


def _engine(warm_up=True, parity=True, turns=True, summary=median, nan_is_right=False):
    def right(difference, limit):
        return not difference > limit if nan_is_right else difference <= limit

    def choose(engines, x, reference, tolerance, clock, rounds):
        limit = tolerance * np.abs(reference).max()
        if parity:
            engines = {n: f for n, f in engines.items() if right(np.abs(f(x) - reference).max(), limit)}
        elif warm_up:
            for infer in engines.values():
                infer(x)
        times = {name: [] for name in engines}
        order = [n for _ in range(rounds) for n in engines] if turns else [n for n in engines for _ in range(rounds)]
        for name in order:
            start = clock()
            engines[name](x)
            times[name].append(clock() - start)
        return min(times, key=lambda name: summary(times[name]), default="ninguno")

    return choose


def _counts_the_first_call(engines, x, reference, tolerance, clock, rounds):
    limit, times = tolerance * np.abs(reference).max(), {}
    for _ in range(rounds):
        for name, infer in engines.items():
            start = clock()
            difference = np.abs(infer(x) - reference).max()
            if difference <= limit:
                times.setdefault(name, []).append(clock() - start)
    return min(times, key=lambda name: sum(times[name]), default="ninguno")


MISTAKES = {
    "ejec-1": [
        ("el visible: del primero al último", lambda n, t: 1000 * (t[-1] - t[0]) / (n[-1] - n[0]), "Todas las parejas"),
        ("en milisegundos", lambda n, t: median(_slopes(n, t)), "Esos son milisegundos"),
        ("tiempo entre operaciones", lambda n, t: 1000 * mean(b / a for a, b in zip(n, t, strict=True)), "coste fijo"),
        ("todo entre todo", lambda n, t: 1000 * sum(t) / sum(n), "coste fijo"),
        ("mínimos cuadrados", lambda n, t: 1000 * float(np.polyfit(n, t, 1)[0]), "son mínimos cuadrados"),
        ("media de las pendientes", lambda n, t: 1000 * mean(_slopes(n, t)), "Se pide la mediana"),
        ("solo las seguidas", _consecutive, "no solo las seguidas"),
        ("divide por cero a medias", _with_repeats, "no tienen pendiente"),
    ],
    "ejec-2": [
        ("el visible: todo en la CPU", lambda events: {"CPUExecutionProvider": 1.0}, "los proveedores son"),
        ("suma todos los sucesos", _all_events, "solo lo llevan las rutinas"),
        ("microsegundos", lambda events: _shares(events, lambda e: e["dur"], total=1), "Eso son microsegundos"),
        ("porcentaje", lambda e: {k: 100 * v for k, v in _shares(e, lambda e: e["dur"]).items()}, "no el porcentaje"),
        ("cuenta nodos", lambda events: _shares(events, lambda e: 1), "Has contado nodos"),
        ("divide por la ejecución", lambda events: _shares(events, lambda e: e["dur"], total=2000), "no son tiempo de"),
        ("una lista", lambda events: list(_shares(events, lambda e: e["dur"]).items()), "Devuelve un diccionario"),
    ],
    "ejec-3": [
        ("el visible: sin fundir", lambda k, g, b, m, v, e: (k, b), "Despeja"),
        ("sin épsilon", _wrong_scale(lambda g, v, e: g / np.sqrt(v)), "Falta `epsilon`"),
        ("épsilon fuera", _wrong_scale(lambda g, v, e: g / (np.sqrt(v) + e)), "antes de la raíz"),
        ("varianza sin raíz", _wrong_scale(lambda g, v, e: g / (v + e)), "la raíz de la varianza"),
        ("escala las entradas", _scales_inputs, "Has escalado las entradas"),
        ("olvida la media", _no_mean, "le falta la media"),
        ("la media sin escalar", _mean_as_it_is, "La media también se divide"),
        ("al revés", lambda *a: _fold(*a)[::-1], "se esperan"),
        ("solo el núcleo", lambda *a: _fold(*a)[0], "se esperan dos arrays"),
    ],
    "ejec-4": [
        ("lo visible: todo de una vez", lambda infer, x, batch: infer(x), "compilaría otra vez"),
        ("sin rellenar", _no_padding, "Rellena el último"),
        ("pierde el resto", _drops_the_rest, "¿Has perdido el último lote"),
        ("devuelve el relleno", _padded, "también las filas de relleno"),
        ("de uno en uno", _one_by_one, "veces y bastan"),
        ("recicla el final", _recycles_the_end, "no están en su orden"),
    ],
    "ejec-5": [
        ("el visible: el primero", lambda engines, *rest: next(iter(engines)), "Un motor vale si"),
        ("no mira si acierta", _engine(parity=False), "Un motor vale si"),
        ("da por bueno un NaN", _engine(nan_is_right=True), "Un NaN no vale"),
        ("cuenta la primera llamada", _counts_the_first_call, "es la que compila"),
        ("sin calentar y con la media", _engine(parity=True, summary=mean), "¿Qué resumen las ignora?"),
        ("por bloques", _engine(turns=False), "Mídelos por turnos"),
    ],
}
