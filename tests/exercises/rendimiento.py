"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

import math
from itertools import combinations

import numpy as np


def _solve(stages_ms, options, deadline_ms, key, one_per_stage=True):
    plans = []
    for size in range(len(options) + 1):
        for chosen in combinations(options, size):
            if one_per_stage and len({o["stage"] for o in chosen}) < size:
                continue
            total = sum(
                ms / math.prod([o["speedup"] for o in chosen if o["stage"] == stage]) for stage, ms in stages_ms.items()
            )
            if total <= deadline_ms:
                plans.append((key(chosen, total), sorted(o["name"] for o in chosen)))
    return min(plans)[1] if plans else "ninguno"


def _days(chosen, total):
    return sum(o["days"] for o in chosen), total


def _greedy(stages_ms, options, deadline_ms):
    """La opción que más acelera, y así hasta cumplir."""
    times, chosen = dict(stages_ms), []
    while sum(times.values()) > deadline_ms:
        left = [o for o in options if times[o["stage"]] == stages_ms[o["stage"]] and o not in chosen]
        if not left:
            return "ninguno"
        best = max(left, key=lambda o: times[o["stage"]] * (1 - 1 / o["speedup"]))
        times[best["stage"]] /= best["speedup"]
        chosen.append(best)
    return sorted(o["name"] for o in chosen)


def _two_of_a_stage(stages_ms, options, deadline_ms):
    return _solve(stages_ms, options, deadline_ms, _days, one_per_stage=False)


def _in_pairs(other_ms, model_ms, deadline_ms):
    return float(np.mean([a + b > deadline_ms for a, b in zip(other_ms, model_ms, strict=False)]))


def _weighted(stages_ms, speedups):
    return sum(a * b for a, b in zip(stages_ms, speedups, strict=True)) / sum(stages_ms)


MISTAKES = {
    "rend-1": [
        ("el ejemplo visible", lambda r, ms, u: 6, "tu función pide 6 núcleos y hacen falta 1"),
        ("olvida la ocupación", lambda r, ms, u: math.ceil(r * ms / 1000), "solo da `utilization`"),
        ("sin pasar de ms a s", lambda r, ms, u: math.ceil(r * ms / u), "¿En qué unidad está la latencia?"),
        ("redondea hacia abajo", lambda r, ms, u: int(r * ms / 1000 / u + 1e-9), "Redondeas hacia abajo"),
        ("no redondea", lambda r, ms, u: r * ms / 1000 / u, "No se alquila medio núcleo"),
        ("coma flotante", lambda r, ms, u: math.ceil(r * ms / 1000 / u), "la coma flotante puede ponerle una cola"),
        ("siempre uno de más", lambda r, ms, u: int(r * ms / 1000 / u + 1e-9) + 1, "Sobra uno"),
    ],
    "rend-2": [
        ("la fórmula visible", lambda t, s: 1 / (1 - (p := t[-1] / sum(t)) + p / s[-1]), "no basta una p"),
        ("media de los factores", lambda t, s: sum(s) / len(s), "no se promedian"),
        ("producto de los factores", lambda t, s: math.prod(s), "no se promedian ni se multiplican"),
        ("del revés", lambda t, s: sum(a / b for a, b in zip(t, s, strict=True)) / sum(t), "Está del revés"),
        ("devuelve los ms", lambda t, s: sum(a / b for a, b in zip(t, s, strict=True)), "cuántas veces más rápido"),
        ("media ponderada", _weighted, "Divide los ms de cada etapa"),
    ],
    "rend-3": [
        ("el visible, todo o nada", lambda o, m, d: float(max(o) + max(m) > d), "uno solo no dice cuántas"),
        ("suma los percentiles", lambda o, m, d: float(np.percentile(o, 99) + np.percentile(m, 99) > d), "no basta"),
        ("por parejas", _in_pairs, "no van por parejas"),
        ("incluye el empate", lambda o, m, d: float((np.add.outer(o, m) >= d).mean()), "Llegar justo a la hora"),
        ("las que llegan", lambda o, m, d: float((np.add.outer(o, m) <= d).mean()), "la fracción que se pasa"),
        ("en tanto por ciento", lambda o, m, d: 100 * float((np.add.outer(o, m) > d).mean()), "ni un porcentaje"),
        ("con las medias", lambda o, m, d: float(np.mean(o) + np.mean(m) > d), "las medias"),
    ],
    "rend-4": [
        ("siempre el visible []", lambda s, o, d: [], "tarda 100 ms y no cumple"),
        ("siempre ninguno", lambda s, o, d: "ninguno", "solo cuando ninguna combinación"),
        ("voraz", _greedy, "hay otro de 4"),
        ("dos de la misma etapa", _two_of_a_stage, "dos opciones de la misma etapa"),
        ("el más rápido", lambda s, o, d: _solve(s, o, d, lambda c, t: t), "días y hay otro de"),
        ("el de menos opciones", lambda s, o, d: _solve(s, o, d, lambda c, t: (len(c), t)), "días y hay otro de"),
        ("sin desempate", lambda s, o, d: _solve(s, o, d, lambda c, t: _days(c, t)[0]), "A igualdad de días"),
        ("nunca se queda quieto", lambda s, o, d: _solve(s, o, d, lambda c, t: (not c, *_days(c, t))), "hay otro de 0"),
    ],
}  # fmt: skip
