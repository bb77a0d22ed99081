"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

import math

import numpy as np


def _nearest(values):
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


def _from_sent(log):
    return _nearest([math.inf if r is None else r - s for _, s, r in log])


def _without_lost(log):
    return _nearest([r - p for p, _, r in log if r is not None])


def _lost_as_zero(log):
    return _nearest([0.0 if r is None else r - p for p, _, r in log])


def _interpolated(log):
    return float(np.quantile([r - p for p, _, r in log if r is not None], 0.99))


def _mean(log):
    return float(np.mean([r - p for p, _, r in log if r is not None]))


def _concatenate(shards, n):
    return np.concatenate([s["scores"] for s in shards]), []


def _concatenate_by_first_row(shards, n):
    ordered = sorted(shards, key=lambda s: s["rows"][0])
    return np.concatenate([s["scores"] for s in ordered]), []


def _place(shards, n, empty):
    scores = np.full((n, 2), empty, np.float32)
    seen = []
    for shard in shards:
        scores[shard["rows"]] = shard["scores"]
        seen += shard["rows"].tolist()
    return scores, sorted(set(range(n)) - set(seen))


def _arrival_order(shards, n):
    scores = np.full((n, 2), np.nan, np.float32)
    at = 0
    for shard in shards:
        part = shard["scores"][: n - at]
        scores[at : at + len(part)] = part
        at += len(part)
    return scores, list(range(at, n))


def _never_missing(shards, n):
    return _place(shards, n, np.nan)[0], []


def _safe(curve, budget):
    safe = 0
    for load, p99 in sorted(curve):
        if p99 > budget:
            break
        safe = load
    return safe


def _no_spare(rate, curve, budget):
    safe = _safe(curve, budget)
    return math.ceil(rate / safe) if safe else 0


def _floor(rate, curve, budget):
    safe = _safe(curve, budget)
    return rate // safe + 1 if safe else 0


def _best_point(rate, curve, budget):
    within = [load for load, p99 in curve if p99 <= budget]
    return math.ceil(rate / max(within)) + 1 if within else 0


def _saturation(rate, curve, budget):
    return math.ceil(rate / max(load for load, _ in curve)) + 1


def _assume_it_scales(rate, curve, budget):
    safe = _safe(curve, budget) or min(load for load, _ in curve)
    return math.ceil(rate / safe) + 1


def _one_threshold(history, replicas):
    return min(4, replicas + 1) if history[-1] > 6 else max(1, replicas - 1)


def _never_down(history, replicas):
    return min(4, replicas + 1) if history[-1] > 6 else replicas


def _too_late(history, replicas):
    return min(4, replicas + 1) if history[-1] > 200 else replicas


MISTAKES = {
    "escalar-1": [
        ("el resultado visible del enunciado", lambda log: 0.5, "ordénalas y toma el puesto"),
        ("desde que sale", _from_sent, "es la omisión coordinada"),
        ("sin contar las perdidas", _without_lost, "Has dejado fuera las perdidas"),
        ("una perdida tarda cero", _lost_as_zero, "la de una perdida es infinita"),
        ("interpolado", _interpolated, "Has interpolado"),
        ("la media", _mean, "no la del 1 % peor"),
    ],
    "escalar-2": [
        ("las filas visibles del enunciado", lambda shards, n: (np.zeros((4, 2)), [2]), "el lote, 12 filas"),
        ("pegar en el orden de llegada", _concatenate, "en el orden en que llegan"),
        ("ordenar por la primera fila", _concatenate_by_first_row, "coloca cada uno en sus `rows`"),
        ("colocar según llegan, sin mirar las filas", _arrival_order, "en el orden en que llegan"),
        ("ceros donde falta", lambda shards, n: _place(shards, n, 0), "Un cero inventado parece una puntuación"),
        ("decir que no falta ninguna", _never_missing, "no ha traído nadie"),
    ],
    "escalar-3": [
        ("el resultado visible del enunciado", lambda *_: 3, "Con 500 fotos/s y 50 ms da 3 y son 10"),
        ("sin la de reserva", _no_spare, "ha de aguantar si falta una"),
        ("redondear hacia abajo", _floor, "Redondea hacia arriba"),
        ("el mejor punto suelto", _best_point, "un punto suelto puede ser suerte"),
        ("la carga de saturación", _saturation, "donde el p99 ya no cumple"),
        ("creer que más réplicas bajan el mínimo", _assume_it_scales, "con más réplicas no baja"),
    ],
    "escalar-4": [
        ("dos réplicas, como en lo visible", lambda history, replicas: 2, "Sube antes"),
        ("siempre cuatro", lambda history, replicas: 4, "retira una réplica"),
        ("siempre una", lambda history, replicas: 1, "Sube antes"),
        ("un solo umbral", _one_threshold, "Eso es oscilar"),
        ("no bajar nunca", _never_down, "retira una réplica"),
        ("esperar a tener mucha cola", _too_late, "Sube antes"),
        ("apagar todo si no hay cola", lambda history, replicas: int(history[-1] > 0), "un entero de 1 a 4"),
    ],
}
