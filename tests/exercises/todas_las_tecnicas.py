"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

from itertools import combinations
from math import inf, prod


def _better(rows, name, rule, skip_none=True, skip_self=True):
    mine = next(row for row in rows if row["name"] == name)

    def cost(row):
        return [
            (row[k] if row[k] is not None else 0) * (-1 if k == "accuracy" else 1) for k in ("kB", "ms", "accuracy")
        ]

    return [
        row["name"]
        for row in rows
        if (row["name"] != name or not skip_self)
        and (not skip_none or None not in [*row.values(), *mine.values()])
        and rule(cost(row), cost(mine))
    ]


def _weak(a, b):
    return all(x <= y for x, y in zip(a, b, strict=True))


def _right(a, b):
    return a != b and _weak(a, b)


def _mutates(rows, name):
    rows[:] = [row for row in rows if None not in row.values()]
    return _better(rows, name, _right) if any(row["name"] == name for row in rows) else []


def _range(rows, name, worse=lambda s, h, size, hits: s <= size and h >= hits, end=inf, low=None, nearest=min):
    size, hits = rows[name]
    if any(worse(s, h, size, hits) and (s, h) != (size, hits) for s, h in rows.values()):
        return ()
    return (size if low is None else low), nearest((s for s, h in rows.values() if h > hits), default=end)


def _next_size(rows, name):
    got = _range(rows, name)
    return got and (got[0], min((s for s, _ in rows.values() if s > rows[name][0]), default=inf))


def _search(techniques, limits, max_loss, *, most=9, clash="both", key="minutes", loss=True, combine=prod, least=0):
    best = ["imposible"]
    cost = inf
    for size in range(least, min(most, len(techniques)) + 1):
        for names in combinations(techniques, size):
            pairs = [(a, b) for a in names for b in names if a != b]
            if clash == "both" and any(b in techniques[a]["clashes"] for a, b in pairs):
                continue
            if clash == "first" and any(
                b in techniques[a]["clashes"] for a, b in pairs if names.index(a) < names.index(b)
            ):
                continue
            if any(combine([techniques[n][m] for n in names] or [1]) > x * (1 + 1e-9) for m, x in limits.items()):
                continue
            if loss and sum(techniques[n]["points"] for n in names) <= -max_loss + 1e-9:
                continue
            total = sum(techniques[n]["minutes"] for n in names) if key == "minutes" else len(names)
            if total < cost:
                best, cost = list(names), total
    return best


MISTAKES = {
    "tec-1": [
        ("la respuesta visible del ejemplo", lambda rows, name: ["b"], "a «int8» la dominan"),
        (
            "mejor en todo",
            lambda r, n: _better(r, n, lambda a, b: all(x < y for x, y in zip(a, b, strict=True))),
            "empatar",
        ),
        ("se incluye a sí misma", lambda r, n: _better(r, n, _weak, skip_self=False), "Nadie se domina a sí mismo"),
        ("los iguales dominan", lambda r, n: _better(r, n, _weak), "igual en todo"),
        (
            "solo mira el tamaño y la exactitud",
            lambda r, n: _better([row | {"ms": 0 if row["ms"] is not None else None} for row in r], n, _right),
            "peor en alguna columna",
        ),
        ("lo no medido vale cero", lambda r, n: _better(r, n, _right, skip_none=False), "le falta una medida"),
        (
            "menos exactitud es mejor",
            lambda r, n: _better([row | {"accuracy": row["accuracy"] and -row["accuracy"]} for row in r], n, _right),
            "más es mejor",
        ),
        ("al revés", lambda r, n: _better(r, n, _right)[::-1], "falta el orden"),
        ("cambia la tabla", _mutates, "cambias la tabla"),
        ("devuelve un conjunto", lambda r, n: set(_better(r, n, _right)), "se espera una lista"),
    ],
    "tec-2": [
        ("la respuesta visible del ejemplo", lambda rows, name: (50, 80), "das (50, 80)"),
        ("nunca dice que no se elige", lambda r, n: _range(r, n, worse=lambda *_: False), "`()`"),
        ("hasta la siguiente por tamaño", _next_size, "las que aciertan menos no cuentan"),
        ("desde cero", lambda r, n: _range(r, n, low=0), "en cuanto cabe"),
        ("la última que la supera", lambda r, n: _range(r, n, nearest=max), "la más pequeña"),
        ("sin infinito", lambda r, n: _range(r, n, end=max(s for s, _ in r.values())), "math.inf"),
        (
            "los empates no cuentan",
            lambda r, n: _range(r, n, worse=lambda s, h, size, hits: s <= size and h > hits),
            "lo mismo ocupando menos",
        ),
        ("una lista", lambda r, n: list(_range(r, n)), "se espera `(desde, hasta)`"),
        (
            "solo la primera y la última",
            lambda r, n: (
                _range(r, n) if r[n][0] in (min(s for s, _ in r.values()), max(s for s, _ in r.values())) else ()
            ),
            "Sí se elige",
        ),
    ],
    "tec-3": [
        ("la respuesta visible del ejemplo", lambda t, limits, loss: ["poda", "int8"], "das ['int8', 'poda']"),
        ("una sola técnica", lambda t, x, loss: _search(t, x, loss, most=1), "de dos y tres"),
        ("la de menos técnicas", lambda t, x, loss: _search(t, x, loss, key="count"), "cuesta menos minutos"),
        ("sin mirar incompatibles", lambda t, x, loss: _search(t, x, loss, clash="none"), "no se pueden juntar"),
        ("el veto, en un solo sentido", lambda t, x, loss: _search(t, x, loss, clash="first"), "no se pueden juntar"),
        ("sin mirar la pérdida", lambda t, x, loss: _search(t, x, loss, loss=False), "pierde demasiado"),
        ("suma los cocientes", lambda t, x, loss: _search(t, x, loss, combine=sum), "combinación que cumple"),
        ("el menor de los cocientes", lambda t, x, loss: _search(t, x, loss, combine=min), "combinación que cumple"),
        ("siempre hace algo", lambda t, x, loss: _search(t, x, loss, least=1), "No hacer nada"),
        ("un conjunto", lambda t, x, loss: set(_search(t, x, loss)), "se espera una lista"),
    ],
}
