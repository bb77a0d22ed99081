"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

from itertools import product
from math import log2

import numpy as np


def _entropy(s):
    return -sum(p * log2(p) for p in (s, 1 - s) if p > 0)


def _first(fits, hundredths=range(100), otherwise=-1):
    return next((h for h in hundredths if fits(h / 100)), otherwise)


def _needed(count, bits, max_bytes, **options):
    return _first(lambda s: count * (_entropy(s) + (1 - s) * bits) / 8 <= max_bytes, **options)


def _masks(kernels, flat):
    parts = np.split(flat.astype(np.float32), np.cumsum([k.size for k in kernels])[:-1])
    return [part.reshape(k.shape) for part, k in zip(parts, kernels, strict=True)]


def _sizes(kernels):
    return np.abs(np.concatenate([k.ravel() for k in kernels]))


def _ranked(kernels, sparsity, sizes):
    flat = np.zeros(sizes.size)
    flat[np.argsort(sizes, kind="stable")[sizes.size - max(round(sizes.size * (1 - sparsity)), 1) :]] = 1
    return _masks(kernels, flat)


def _rescue(kernels, masks):
    for kernel, mask in zip(kernels, masks, strict=True):
        if not mask.any():
            mask.flat[np.abs(kernel).argmax()] = 1
    return masks


def _right_masks(kernels, sparsity):
    return _rescue(kernels, _ranked(kernels, sparsity, _sizes(kernels)))


def _per_layer(kernels, sparsity):
    return [_ranked([k], sparsity, _sizes([k]))[0] for k in kernels]


def _by_threshold(kernels, sparsity):
    sizes = _sizes(kernels)
    threshold = np.sort(sizes)[-max(round(sizes.size * (1 - sparsity)), 1)]
    return _rescue(kernels, [(np.abs(k) >= threshold).astype(np.float32) for k in kernels])


def _signed(kernels, sparsity):
    return _rescue(kernels, _ranked(kernels, sparsity, np.concatenate([k.ravel() for k in kernels])))


def _prune_in_place(kernels, sparsity):
    masks = _right_masks(kernels, sparsity)
    for kernel, mask in zip(kernels, masks, strict=True):
        kernel *= mask
    return masks


def _cut(layer, kept_inputs, kept):
    slimmed = {name: values[..., kept] for name, values in layer.items()}
    slimmed["kernel"] = slimmed["kernel"][:, :, kept_inputs]
    return slimmed, kept


def _kept(layer, width):
    return np.sort(np.argsort(np.abs(layer["gamma"]))[-width:])


def _by_norm(layer, kept_inputs, width):
    return _cut(layer, kept_inputs, np.sort(np.argsort(np.abs(layer["kernel"]).sum((0, 1, 2)))[-width:]))


def _forget_inputs(layer, kept_inputs, width):
    kept = _kept(layer, width)
    return {name: values[..., kept] for name, values in layer.items()}, kept


def _forget_statistics(layer, kept_inputs, width):
    slimmed, kept = _cut(layer, kept_inputs, _kept(layer, width))
    return {"kernel": slimmed["kernel"], "gamma": slimmed["gamma"]}, kept


def _cut_in_place(layer, kept_inputs, width):
    slimmed, kept = _cut(layer, kept_inputs, _kept(layer, width))
    layer.update(slimmed)
    return layer, kept


def _bytes(weights, s):
    return weights * (_entropy(s) + (1 - s) * 32) / 8


def _without_map(weights, s):
    return weights * (1 - s) * 4


def _search(layers, max_bytes, size=_bytes, key=lambda lost, total: (lost, total)):
    fitting = []
    for chosen in product(*(layer["loss"] for layer in layers)):
        pairs = list(zip(layers, chosen, strict=True))
        total = sum(size(layer["weights"], s) for layer, s in pairs)
        if total <= max_bytes:
            fitting.append((*key(sum(layer["loss"][s] for layer, s in pairs), total), list(chosen)))
    return min(fitting)[-1] if fitting else []


def _uniform(layers, max_bytes):
    levels = sorted(set.intersection(*(set(layer["loss"]) for layer in layers)))
    return next(
        ([s] * len(layers) for s in levels if sum(_bytes(one["weights"], s) for one in layers) <= max_bytes), []
    )


def _largest_first(layers, max_bytes):
    chosen = [0.0] * len(layers)
    for i in sorted(range(len(layers)), key=lambda i: -layers[i]["weights"]):
        for s in sorted(layers[i]["loss"]):
            chosen[i] = s
            if sum(_bytes(one["weights"], c) for one, c in zip(layers, chosen, strict=True)) <= max_bytes:
                return chosen
    return []


MISTAKES = {
    "poda-1": [
        ("el resultado visible del enunciado", lambda n, b, m: 54, "devuelves 54 y son 0"),
        ("sin el mapa de ceros", lambda n, b, m: _first(lambda s: n * (1 - s) * b / 8 <= m), "el mapa de ceros"),
        ("bits en lugar de bytes", lambda n, b, m: _needed(n, b, m / 8), "Con menos centésimas ya caben"),
        ("dispersión y no centésimas", lambda n, b, m: _needed(n, b, m) / 100, "un entero de centésimas"),
        ("empezar en uno", lambda n, b, m: _needed(n, b, m, hundredths=range(1, 100)), "0 también es una respuesta"),
        ("99 cuando no cabe", lambda n, b, m: _needed(n, b, m, otherwise=99), "la respuesta es -1"),
        ("límite estricto", lambda n, b, m: _needed(n, b, m - 1e-6), "incluye el límite"),
    ],
    "poda-2": [
        ("lo visible: un umbral por núcleo", _per_layer, "El umbral es uno para toda la red"),
        ("marcar por valor, con empates", _by_threshold, "los empates"),
        ("dejar un núcleo vacío", lambda k, s: _ranked(k, s, _sizes(k)), "entero a cero"),
        ("sin valor absoluto", _signed, "que es menor"),
        ("devolver pesos", lambda k, s: [a * m for a, m in zip(k, _right_masks(k, s), strict=True)], "no los pesos"),
        ("máscaras lógicas", lambda k, s: [m.astype(bool) for m in _right_masks(k, s)], "float32"),
        ("guardar los que se piden quitar", lambda k, s: _right_masks(k, 1 - s), "ceros en total"),
        ("podar los núcleos recibidos", _prune_in_place, "cambia los núcleos"),
        ("un solo vector", lambda k, s: np.concatenate([m.ravel() for m in _right_masks(k, s)]), "una lista"),
    ],
    "poda-3": [
        ("lo visible: ordenar por la norma del núcleo", _by_norm, "la norma del núcleo"),
        (
            "sin valor absoluto",
            lambda a, k, w: _cut(a, k, np.sort(np.argsort(a["gamma"])[-w:])),
            "compara valores absolutos",
        ),
        ("sin ordenar", lambda a, k, w: _cut(a, k, np.argsort(np.abs(a["gamma"]))[-w:]), "orden original"),
        ("sin recortar las entradas", _forget_inputs, "se recortan dos ejes"),
        ("sin la media ni la varianza", _forget_statistics, "los mismos cinco arrays"),
        ("recortar en el sitio", _cut_in_place, "cambia la capa recibida"),
        ("solo la capa", lambda a, k, w: _cut(a, k, _kept(a, w))[0], "se espera un par"),
    ],
    "poda-4": [
        ("lo visible: todas las capas por igual", _uniform, "Prueba todas las combinaciones"),
        ("la más grande primero", _largest_first, "Prueba todas las combinaciones"),
        ("sin el mapa de ceros", lambda c, m: _search(c, m, size=_without_map), "el mapa de ceros"),
        (
            "lo más pequeño",
            lambda c, m: _search(c, m, key=lambda lost, total: (total, lost)),
            "todas las combinaciones",
        ),
        ("sin desempatar", lambda c, m: _search(c, m, key=lambda lost, total: (lost,)), "la que menos ocupe"),
        ("límite estricto", lambda c, m: _search(c, m - 1e-6), "todas las combinaciones"),
        (
            "podar del todo cuando no cabe",
            lambda c, m: _search(c, m) or [max(one["loss"]) for one in c],
            "ninguna combinación cabe",
        ),
        ("una tupla", lambda c, m: tuple(_search(c, m)), "se espera una lista"),
    ],
}
