"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

from itertools import product
from math import ceil, log2, prod

import numpy as np


def _indices(shapes, k):
    return sum(ceil(prod(shape) * ceil(log2(k)) / 8) for shape in shapes)


def _no_table_limit(shapes, k):
    return _indices(shapes, k) + 4 * k * len(shapes)


def _fractional_bits(shapes, k):
    total = 0
    for shape in shapes:
        values = min(k, prod(shape))
        total += 4 * values + ceil(prod(shape) * log2(values) / 8)
    return total


def _one_rounding(shapes, k):
    values = [min(k, prod(shape)) for shape in shapes]
    return 4 * sum(values) + ceil(sum(prod(s) * ceil(log2(v)) for s, v in zip(shapes, values, strict=True)) / 8)


def _one_table(shapes, k):
    return 4 * k + ceil(sum(prod(shape) for shape in shapes) * ceil(log2(k)) / 8)


def _lloyd(values, k, steps=300):
    centroids = np.quantile(values, (np.arange(k) + 0.5) / k)
    for _ in range(steps):
        groups = np.searchsorted((centroids[1:] + centroids[:-1]) / 2, values)
        count = np.bincount(groups, minlength=k)
        means = np.bincount(groups, values, k) / np.maximum(count, 1)
        centroids = np.where(count > 0, means, centroids)
    return centroids[np.searchsorted((centroids[1:] + centroids[:-1]) / 2, values)]


def _keep(weights, k, steps=300):
    result, alive = np.zeros_like(weights), weights != 0
    result[alive] = _lloyd(weights[alive].astype(float), k if alive.all() else k - 1, steps)
    return result


def _visible_cluster(weights, k):
    return _lloyd(weights.ravel().astype(float), k).reshape(weights.shape).astype(np.float32)


def _one_value_too_many(weights, k):
    result, alive = np.zeros_like(weights), weights != 0
    result[alive] = _lloyd(weights[alive].astype(float), k)
    return result


def _always_spends_the_zero(weights, k):
    result, alive = np.zeros_like(weights), weights != 0
    result[alive] = _lloyd(weights[alive].astype(float), k - 1)
    return result


def _cluster_everything_then_zero(weights, k):
    return np.where(weights == 0, 0, _lloyd(weights.ravel().astype(float), k - 1).reshape(weights.shape)).astype(
        np.float32
    )


def _in_place(weights, k):
    weights[:] = _keep(weights, k)
    return weights


def _combinations(options, limit):
    for ks in product(*options.values()):
        chosen = dict(zip(options, ks, strict=True))
        rows = [options[layer][k] for layer, k in chosen.items()]
        size, loss = sum(row[0] for row in rows), round(sum(row[1] for row in rows), 9)
        if size <= limit:
            yield loss, size, chosen


def _best(options, limit, key=lambda row: row[:2], empty="ninguno"):
    rows = sorted(_combinations(options, limit), key=key)
    return rows[0][2] if rows else empty


def _same_k(options, limit):
    shared = set.intersection(*(set(choices) for choices in options.values()))
    rows = [row for row in _combinations(options, limit) if len(set(row[2].values())) == 1]
    assert shared
    return min(rows, key=lambda row: row[:2])[2] if rows else "ninguno"


def _greedy(options, limit):
    chosen = {layer: min(choices) for layer, choices in options.items()}
    if sum(options[layer][k][0] for layer, k in chosen.items()) > limit:
        return "ninguno"
    while True:
        spent = sum(options[layer][k][0] for layer, k in chosen.items())
        steps = []
        for layer, k in chosen.items():
            for other, (size, loss) in options[layer].items():
                extra, gain = size - options[layer][k][0], options[layer][k][1] - loss
                if extra > 0 and gain > 0 and spent + extra <= limit:
                    steps.append((gain / extra, layer, other))
        if not steps:
            return chosen
        _, layer, other = max(steps)
        chosen[layer] = other


def _visible_recipe(options, limit):
    return {"conv. 1": 16, "conv. 2": 16, "densa": 2, "salida": 16}


MISTAKES = {
    "agrupar-1": [
        ("el resultado visible del enunciado", lambda shapes, k: 41, "Con una capa densa"),
        ("sin las tablas", _indices, "Faltan las tablas"),
        (
            "un byte por índice",
            lambda shapes, k: sum(4 * min(k, prod(s)) + prod(s) for s in shapes),
            "no ocupa un byte entero",
        ),
        ("una sola tabla", _one_table, "hay una tabla por núcleo"),
        ("tablas de k aunque haya menos pesos", _no_table_limit, "su tabla es de 9"),
        ("índices de 2.58 bits", _fractional_bits, "se redondea hacia arriba"),
        ("redondear una sola vez", _one_rounding, "núcleo a núcleo"),
        ("en bits", lambda shapes, k: 8 * _no_table_limit(shapes, k), "tu función da"),
    ],
    "agrupar-2": [
        ("lo visible: el cluster del cuaderno", _visible_cluster, "dejan de valer cero"),
        ("k valores además del cero", _one_value_too_many, "El cero también cuenta"),
        ("gastar el cero aunque no haya", _always_spends_the_zero, "si no hay ningún cero"),
        ("agrupar con los ceros y restaurarlos", _cluster_everything_then_zero, "Agrupa solo los pesos que no son"),
        ("sin iterar", lambda weights, k: _keep(weights, k, 0), "itera hasta que dejen de moverse"),
        ("en float64", lambda weights, k: _keep(weights, k).astype(float), "se espera float32"),
        ("en plano", lambda weights, k: _keep(weights, k).ravel(), "la misma forma"),
        ("estropear los pesos recibidos", _in_place, "cambia los pesos que recibe"),
        ("no agrupar", lambda weights, k: weights.copy(), "valores distintos"),
    ],
    "agrupar-3": [
        ("lo visible: dos en la densa y dieciséis en las demás", _visible_recipe, "se espera un diccionario"),
        ("el mismo k en todas", _same_k, "No siempre conviene el mismo k"),
        ("ir paso a paso", _greedy, "compara combinaciones completas"),
        ("olvidar los empates", lambda o, m: _best(o, m, key=lambda r: (r[0], -r[1])), "gana el que menos ocupa"),
        ("lo que menos ocupe", lambda o, m: _best(o, m, key=lambda r: (r[1], r[0])), "y se puede con"),
        ("no mirar el límite", lambda o, m: _best(o, 10**9), "y el límite es"),
        ("límite estricto", lambda o, m: _best(o, m - 1), "El límite se puede gastar entero"),
        ("nada en lugar de un texto", lambda o, m: _best(o, m, empty={}), "no cabe ninguna combinación"),
        ("los bytes en lugar de k", lambda o, m: {c: v[max(v)][0] for c, v in o.items()}, "no sus bytes"),
    ],
}
