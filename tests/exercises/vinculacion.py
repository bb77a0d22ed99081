"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

import pandas as pd


def _age(curve, stop, order=sorted):
    admitted = 0
    for age, error in order(curve):
        if stop(error):
            break
        admitted = age
    return admitted


def _last_good(curve, fallback):
    return max((age for age, error in curve if error <= fallback), default=0)


def _naive_daily(requests, daily):
    day = requests["asked_at"].dt.floor("D")
    return requests[["zone"]].assign(day=day).merge(daily, how="left")["mean"].tolist()


def _daily(requests, daily, hours=30, exact=True, restore=True, by="zone"):
    published = daily.assign(available_at=daily["day"] + pd.Timedelta(hours=hours))
    if by is None:
        published = published.drop(columns="zone")
    joined = pd.merge_asof(
        requests.assign(place=range(len(requests))).sort_values("asked_at"),
        published.sort_values("available_at"),
        left_on="asked_at",
        right_on="available_at",
        by=by,
        allow_exact_matches=exact,
    )
    return (joined.sort_values("place") if restore else joined)["mean"].tolist()


def _yesterday_only(requests, daily):
    day = (requests["asked_at"] - pd.Timedelta(hours=30)).dt.floor("D")
    return requests[["zone"]].assign(day=day).merge(daily, how="left")["mean"].tolist()


def _fill_with_zero(requests, daily):
    return [0.0 if value != value else value for value in _daily(requests, daily)]


def _touch_the_tables(requests, daily):
    daily["available_at"] = daily["day"] + pd.Timedelta(hours=30)
    return _daily(requests, daily.drop(columns="available_at"))


def _best(ages, expected_error, fallback, tie="modelo"):
    out = []
    for age in ages:
        error = float("inf") if age is None else expected_error(age)
        model = error <= fallback if tie == "modelo" else error < fallback
        out.append((error, "modelo") if model else (fallback, "reserva"))
    return out


def _each_within(ages, expected_error, fallback, budget):
    return [route if error <= budget else "rechazo" for error, route in _best(ages, expected_error, fallback)]


def _plan(ages, expected_error, fallback, budget, order=None, tie="modelo"):
    best = _best(ages, expected_error, fallback, tie)
    routes, total = ["rechazo"] * len(ages), 0.0
    indices = range(len(ages)) if order is None else sorted(range(len(ages)), key=lambda i: best[i][0])
    for n, i in enumerate(indices, 1):
        total += best[i][0]
        if total > budget * n:
            break
        routes[i] = best[i][1]
    return routes


def _right_number_wrong_ones(ages, expected_error, fallback, budget):
    good = _plan(ages, expected_error, fallback, budget, "menor")
    keep = sum(route != "rechazo" for route in good)
    best = _best(ages, expected_error, fallback)
    chosen = [i for i in range(len(ages)) if good[i] != "rechazo"]
    for i in range(len(ages)):  # cambia una por otra peor mientras quepa
        for out in chosen:
            swapped = [j for j in chosen if j != out] + [i]
            if i not in chosen and best[i][0] > best[out][0] and sum(best[j][0] for j in swapped) <= budget * keep:
                return [best[j][1] if j in swapped else "rechazo" for j in range(len(ages))]
    return good


def _never_reject(ages, expected_error, fallback, budget):
    return [route for _, route in _best(ages, expected_error, fallback)]


def _model_on_missing(ages, expected_error, fallback, budget):
    return ["modelo" if age is None or expected_error(age) <= fallback else "reserva" for age in ages]


def _skew(batch, online, rows, *, differ=None, columns="union", first=None, share=False):
    from copy import deepcopy

    differ = differ or (lambda a, b: a != b and not (a != a and b != b))
    whole = batch(rows if share else deepcopy(rows))
    found = set()
    for row, expected in list(zip(rows, whole, strict=True))[:first]:
        got = online(row if share else deepcopy(row))
        names = expected.keys() & got.keys() if columns == "common" else expected.keys() | got.keys()
        found |= {n for n in names if n not in expected or n not in got or differ(expected[n], got[n])}
    return sorted(found)


def _online_first(batch, online, rows):
    got = [online(row) for row in rows]
    whole = batch(rows)
    return sorted(
        {
            n
            for a, b in zip(whole, got, strict=True)
            for n in a.keys() | b.keys()
            if a.get(n, "—") != b.get(n, "—") and not (a.get(n) != a.get(n) and b.get(n) != b.get(n))
        }
    )


MISTAKES = {
    "vinculacion-1": [
        ("el resultado visible del enunciado", lambda curve, fallback: 4, "un bache en 24 horas"),
        ("la última edad que vale", _last_good, "un bache no deja pasar"),
        ("el empate cuenta como perder", lambda c, f: _age(c, lambda e: e >= f), "Empatar con la reserva no es perder"),
        ("sin ordenar la curva", lambda c, f: _age(c, lambda e: e > f, list), "ordénala por edad"),
        ("la mayor edad medida", lambda c, f: max(age for age, _ in c), "valga o no"),
        ("fallar cuando ninguna vale", lambda c, f: _age(c, lambda e: e > f) or min(c)[0], "la respuesta es 0"),
    ],
    "vinculacion-2": [
        ("la unión visible del enunciado", _naive_daily, "que a mediodía no ha acabado"),
        ("el borde excluido", lambda r, d: _daily(r, d, exact=False), "el instante exacto cuenta"),
        ("disponible a medianoche", lambda r, d: _daily(r, d, hours=24), "vale la de anteayer"),
        ("solo la de ayer", _yesterday_only, "si falta la de ayer"),
        ("ceros en los huecos", _fill_with_zero, "la respuesta es `NaN`"),
        ("sin devolver el orden", lambda r, d: _daily(r, d, restore=False), "en el orden en que llegaron"),
        ("sin unir por zona", lambda r, d: _daily(r, d, by=None), "a las 05:59"),
        ("cambiar las tablas recibidas", _touch_the_tables, "cambia las tablas"),
    ],
    "vinculacion-3": [
        ("lo visible: siempre modelo", lambda ages, e, f, b: ["modelo"] * len(ages), "donde falta el dato"),
        ("rechazar de una en una", _each_within, "limita la media, no cada petición"),
        ("aceptar en el orden de llegada", lambda *a: _plan(*a), "de menor a mayor error"),
        ("no rechazar nunca", _never_reject, "se pasa del presupuesto"),
        ("modelo también donde falta", _model_on_missing, "donde falta el dato"),
        ("el empate, a la reserva", lambda *a: _plan(*a, "menor", "reserva"), "si empatan, «modelo»"),
        ("rechazar todo", lambda ages, e, f, b: ["rechazo"] * len(ages), "se puede responder a"),
        ("el número justo, pero no las mejores", _right_number_wrong_ones, "las de mayor error"),
    ],
    "vinculacion-4": [
        ("lo visible: comparar con !=", lambda b, o, r: _skew(b, o, r, differ=lambda x, y: x != y), "`nan != nan`"),
        ("siempre vacía", lambda b, o, r: [], "Compara el valor de cada columna"),
        ("solo las primeras filas", lambda b, o, r: _skew(b, o, r, first=100), "las primeras no bastan"),
        (
            "con tolerancia",
            lambda b, o, r: _skew(b, o, r, differ=lambda x, y: abs(x - y) > 1e-6 or (x == x) != (y == y)),
            "sin tolerancia",
        ),
        (
            "saltar cualquier NaN",
            lambda b, o, r: _skew(b, o, r, differ=lambda x, y: x == x and y == y and x != y),
            "Un `NaN` frente a un número",
        ),
        ("solo las columnas comunes", lambda b, o, r: _skew(b, o, r, columns="common"), "que solo tiene uno"),
        ("dejar que el servicio toque la fila", _online_first, "Dale a cada camino su copia"),
    ],
}
