"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

import numpy as np

from ligero import measure


def _picked(family, keep, order=lambda row: row["bytes"]):
    kept = [row for row in family if keep(row)]
    return min(kept, key=order)["name"] if kept else "ninguno"


def _difference(family, row):
    return measure.paired_difference(row["hits"], max(family, key=lambda r: r["bytes"])["hits"])


def _the_visible_width(family, margin, budget_ms):
    return "α = 0.25"


def _point_estimate(family, margin, budget_ms):
    return _picked(family, lambda row: np.median(row["ms"]) <= budget_ms and _difference(family, row).value > -margin)


def _mean_latency(family, margin, budget_ms):
    return _picked(family, lambda row: np.mean(row["ms"]) <= budget_ms and _difference(family, row).low > -margin)


def _fastest(family, margin, budget_ms):
    return _picked(
        family,
        lambda row: np.median(row["ms"]) <= budget_ms and _difference(family, row).low > -margin,
        lambda row: np.median(row["ms"]),
    )


def _ignore_the_margin(family, margin, budget_ms):
    return _picked(family, lambda row: np.median(row["ms"]) <= budget_ms)


def _strict_budget(family, margin, budget_ms):
    return _picked(family, lambda row: np.median(row["ms"]) < budget_ms and _difference(family, row).low > -margin)


def _swap(times, factors, choose):
    if not factors:
        return -1, 1.0
    index = choose(factors)
    after = sum(times) - times[index] + times[index] / factors[index]
    return index, sum(times) / after


def _the_visible_swap(times, factors):
    return 1, 1.25


def _most_expensive(times, factors):
    return _swap(times, factors, lambda f: max(f, key=lambda i: times[i]))


def _largest_factor(times, factors):
    return _swap(times, factors, lambda f: max(f, key=f.get))


def _always_swap(times, factors):
    return _swap(times, factors, lambda f: max(f, key=lambda i: times[i] - times[i] / f[i]))


def _gain_of_the_operator(times, factors):
    saved = {i: times[i] - times[i] / f for i, f in factors.items()}
    index = max(saved, key=saved.get, default=-1)
    return (-1, 1.0) if index == -1 or saved[index] <= 0 else (index, factors[index])


def _the_visible_function(engine, frame):
    image = frame.astype(np.float32) / 127.5 - 1
    engine.set_tensor(0, image[np.newaxis])
    engine.invoke()
    return engine.get_tensor(1)


def _still_a_temporary(engine, frame):
    engine.tensor(0)()[0] = frame / np.float32(127.5) - 1
    engine.invoke()
    return engine.get_tensor(1)


def _keep_the_view(engine, frame):
    view = engine.tensor(0)()[0]
    np.multiply(frame, np.float32(1 / 127.5), out=view)
    np.subtract(view, 1, out=view)
    engine.invoke()
    return engine.get_tensor(1)


def _fill(engine, frame):
    view = engine.tensor(0)()[0]
    np.multiply(frame, np.float32(1 / 127.5), out=view)
    np.subtract(view, 1, out=view)


def _return_the_view(engine, frame):
    _fill(engine, frame)
    engine.invoke()
    return engine.tensor(1)()


def _forget_to_invoke(engine, frame):
    _fill(engine, frame)
    return engine.get_tensor(1)


def _forget_to_centre(engine, frame):
    np.multiply(frame, np.float32(1 / 127.5), out=engine.tensor(0)()[0])
    engine.invoke()
    return engine.get_tensor(1)


def _engine(engines, limit, cost):
    costs = {n: cost(*e) for n, e in engines.items() if e[0] + e[1] <= limit}
    return min(costs, key=costs.get) if costs else "ninguno"


def _the_visible_engine(engines, sessions, max_first_ms):
    return "XNNPACK"


def _only_per_inference(engines, sessions, max_first_ms):
    return _engine(engines, max_first_ms, lambda start, each: each)


def _start_once(engines, sessions, max_first_ms):
    return _engine(engines, max_first_ms, lambda start, each: start + each * sum(sessions))


def _start_per_inference(engines, sessions, max_first_ms):
    return _engine(engines, max_first_ms, lambda start, each: (start + each) * sum(sessions))


def _typical_session(engines, sessions, max_first_ms):
    return _engine(engines, max_first_ms, lambda start, each: start + each * np.median(sessions))


def _no_first_limit(engines, sessions, max_first_ms):
    return _engine(engines, np.inf, lambda start, each: sum(start + n * each for n in sessions))


MISTAKES = {
    "prac-1": [
        ("copiar la anchura visible", _the_visible_width, "α = 0.25"),
        ("decidir con la diferencia medida", _point_estimate, "`low`, no `value`"),
        ("usar la media de los tiempos", _mean_latency, "la mediana, no"),
        ("elegir el más rápido", _fastest, "menos bytes"),
        ("olvidar el margen", _ignore_the_margin, "Compara cada modelo"),
        ("presupuesto estricto", _strict_budget, "usa `<=`"),
    ],
    "prac-2": [
        ("copiar el par visible", _the_visible_swap, "el que más milisegundos quita"),
        ("sustituir el más caro", _most_expensive, "Ni el más caro"),
        ("sustituir el de mayor factor", _largest_factor, "ni el de mayor factor"),
        ("cambiar aunque empeore", _always_swap, "no tocar nada"),
        ("dar el factor del operador", _gain_of_the_operator, "la de la red entera"),
    ],
    "prac-3": [
        ("copiar la función visible", _the_visible_function, "`set_tensor` copia"),
        ("dejar un array intermedio", _still_a_temporary, "array intermedio"),
        ("conservar la vista al invocar", _keep_the_view, "reference to internal data"),
        ("devolver una vista de la salida", _return_the_view, "reference to internal data"),
        ("no invocar", _forget_to_invoke, "0 veces a `invoke`"),
        ("olvidar restar 1", _forget_to_centre, "no es la de la función original"),
    ],
    "prac-4": [
        ("copiar el motor visible", _the_visible_engine, "eliges «XNNPACK»"),
        ("mirar solo cada inferencia", _only_per_inference, "pesa también el arranque"),
        ("pagar un arranque en total", _start_once, "en cada sesión"),
        ("pagar el arranque en cada inferencia", _start_per_inference, "una vez por sesión"),
        ("usar la sesión mediana", _typical_session, "no vale la mediana"),
        ("olvidar la primera respuesta", _no_first_limit, "La primera respuesta tarda"),
    ],
}
