"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

from math import prod

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def _bytes(layers, kernel_bits, bias_bits):
    return sum(prod(kernel) * kernel_bits + biases * bias_bits for kernel, biases in layers) // 8


def _quarter_for_everything(layers, scheme):
    bits = {"float32": 32, "float16": 16, "dynamic": 8, "int8": 8}[scheme]
    return _bytes(layers, bits, bits)


def _forget_small_kernels(layers, scheme):
    bits = {"float32": 32, "float16": 16, "dynamic": 8, "int8": 8}[scheme]
    return _bytes(layers, bits, 16 if scheme == "float16" else 32)


def _threshold_off_by_one(layers, scheme):
    if scheme != "dynamic":
        return _forget_small_kernels(layers, scheme)
    return sum((prod(k) if prod(k) > 1024 else 4 * prod(k)) + 4 * b for k, b in layers)


def _forget_biases(layers, scheme):
    return _bytes(layers, {"float32": 32, "float16": 16, "dynamic": 8, "int8": 8}[scheme], 0)


def _input(tflite):
    return Interpreter(model_content=tflite).get_input_details()[0]


def _always_int8(tflite):
    scale, zero_point = _input(tflite)["quantization"]
    return (-128 - zero_point) * scale, (127 - zero_point) * scale


def _forget_zero_point(tflite):
    detail = _input(tflite)
    codes, scale = np.iinfo(detail["dtype"]), detail["quantization"][0]
    return codes.min * scale, codes.max * scale


def _add_zero_point(tflite):
    detail = _input(tflite)
    codes, (scale, zero_point) = np.iinfo(detail["dtype"]), detail["quantization"]
    return (codes.min + zero_point) * scale, (codes.max + zero_point) * scale


def _only_the_scale(tflite):
    return _input(tflite)["quantization"][0]


def _types(tflite):
    return [detail["dtype"] for detail in Interpreter(model_content=tflite).get_tensor_details()]


def _only_the_ends(tflite):
    runner = Interpreter(model_content=tflite)
    ends = runner.get_input_details() + runner.get_output_details()
    return all(np.issubdtype(detail["dtype"], np.integer) for detail in ends)


def _prepare(images, indices):
    return (images[indices] / 16).astype(np.float32)[..., np.newaxis]


def _random_pick(images, labels, n):
    return _prepare(images, np.random.default_rng(0).choice(len(images), n, replace=False))


def _leave_out_the_remainder(images, labels, n):
    classes = np.unique(labels)
    per_class = [np.flatnonzero(labels == c) for c in classes]
    first = np.concatenate([p[: n // len(classes)] for p in per_class])
    return _prepare(images, np.concatenate([first, per_class[0][n // len(classes) :]])[:n])


def _balanced(images, labels, n):
    per_class = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    return [p[turn] for turn in range(max(map(len, per_class))) for p in per_class if turn < len(p)][:n]


def _assume_equal_classes(images, labels, n):
    per_class = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    return _prepare(images, [p[turn] for turn in range(len(per_class[0])) for p in per_class][:n])


def _evenly_spaced(images, labels, n):
    return _prepare(images, np.linspace(0, len(images) - 1, n).astype(int))


def _normalize_in_place(images, labels, n):
    chosen = _prepare(images, _balanced(images, labels, n))
    images //= 16
    return chosen


def _repeat_one_per_class(images, labels, n):
    return _prepare(images, [np.flatnonzero(labels == c)[0] for c in np.resize(np.unique(labels), n)])


def _choose(rows, keep, order=lambda row: row["latency_ratio"]):
    kept = [row for row in rows if keep(row)]
    return min(kept, key=order)["scheme"] if kept else "ninguno"


MISTAKES = {
    "quant-1": [
        ("el resultado visible del enunciado", lambda layers, scheme: 7720, "Con dos convoluciones"),
        ("sesgos también en 8 bits", _quarter_for_everything, "Los sesgos no bajan a 8 bits"),
        ("rango dinámico sin excepción para núcleos pequeños", _forget_small_kernels, "menos de 1\u202f024 elementos"),
        ("el límite de 1024 con > en lugar de >=", _threshold_off_by_one, "1\u202f024 elementos"),
        ("sin sesgos", _forget_biases, "los sesgos"),
        ("bits en lugar de bytes", lambda layers, scheme: 8 * _forget_small_kernels(layers, scheme), "bytes"),
    ],
    "quant-2": [
        ("el resultado visible del enunciado", lambda tflite: (0.0, 1.0), "calibrado entre 0 y 255"),
        ("códigos de int8 para cualquier tipo", _always_int8, "entrada uint8"),
        ("sin restar el punto cero", _forget_zero_point, "(q - punto_cero)"),
        ("sumar el punto cero", _add_zero_point, "(q - punto_cero)"),
        ("solo la escala", _only_the_scale, "se espera un par"),
        ("el par al revés", lambda tflite: _always_int8(tflite)[::-1], "calibrado entre 0 y 1"),
    ],
    "quant-3": [
        ("el resultado visible: siempre cierto", lambda tflite: True, "un modelo float32"),
        ("siempre falso", lambda tflite: False, "un modelo int8 de principio a fin"),
        ("mirar solo la entrada y la salida", _only_the_ends, "un seno flotante dentro"),
        ("basta un tensor int8", lambda tflite: np.int8 in _types(tflite), "rango dinámico"),
        ("exigir int8 en todos", lambda tflite: all(t == np.int8 for t in _types(tflite)), "int32 e int64 también"),
        ("devolver la lista", lambda tflite: _types(tflite), "se espera `True` o `False`"),
    ],
    "quant-4": [
        ("lo visible: las cien primeras imágenes, ya preparadas", lambda i, _l, n: _prepare(i, range(n)), "las clases"),
        ("al azar, sin mirar las clases", _random_pick, "las clases quedan"),
        ("dejar el resto en una sola clase", _leave_out_the_remainder, "las clases quedan"),
        ("sin normalizar", lambda i, y, n: 16 * _prepare(i, _balanced(i, y, n)), "se entrenó entre 0 y 1"),
        ("sin canal", lambda i, y, n: _prepare(i, _balanced(i, y, n))[..., 0], "Añade el canal"),
        ("en float64", lambda i, y, n: _prepare(i, _balanced(i, y, n)).astype(float), "pide float32"),
        ("estropear los datos recibidos", _normalize_in_place, "cambia las imágenes"),
        ("suponer que todas las clases miden lo mismo", _assume_equal_classes, "clases"),
        ("repartir por posición, sin mirar las etiquetas", _evenly_spaced, "las clases quedan"),
        ("repetir una por clase", _repeat_one_per_class, "repite imágenes"),
    ],
    "quant-5": [
        ("el resultado visible: siempre int8", lambda rows, b, loss, integer: "int8", "un presupuesto holgado"),
        (
            "fiarse de la diferencia medida",
            lambda rows, b, loss, integer: _choose(
                rows, lambda r: r["bytes"] <= b and r["points"] > -loss and (r["integer"] or not integer)
            ),
            "la cota inferior",
        ),
        (
            "quedarse con el más pequeño",
            lambda rows, b, loss, integer: _choose(
                rows,
                lambda r: r["bytes"] <= b and r["low"] > -loss and (r["integer"] or not integer),
                lambda r: r["bytes"],
            ),
            "eliges «dynamic»",
        ),
        (
            "no mirar el hardware",
            lambda rows, b, loss, integer: _choose(rows, lambda r: r["bytes"] <= b and r["low"] > -loss),
            "Si nadie cumple",
        ),
        (
            "límite de bytes estricto",
            lambda rows, b, loss, integer: _choose(
                rows, lambda r: r["bytes"] < b and r["low"] > -loss and (r["integer"] or not integer)
            ),
            "incluye el límite",
        ),
        (
            "aceptar la cota justo en el límite",
            lambda rows, b, loss, integer: _choose(
                rows, lambda r: r["bytes"] <= b and r["low"] >= -loss and (r["integer"] or not integer)
            ),
            "la pérdida no",
        ),
        (
            "preferir siempre los enteros",
            lambda rows, b, loss, integer: _choose(
                rows,
                lambda r: r["bytes"] <= b and r["low"] > -loss and (r["integer"] or not integer),
                lambda r: (not r["integer"], r["latency_ratio"]),
            ),
            "sea entera o no",
        ),
        (
            "saberse de memoria los casos",
            lambda rows, b, loss, integer: {
                (10**6, 10.0, False): "int8_barato",
                (10**6, 1.0, False): "int8",
                (10**6, 0.5, False): "dynamic",
                (10**6, 0.1, False): "float32",
                (106_000, 5.0, False): "dynamic",
                (10**6, 1.0, True): "int8",
            }.get((b, loss, integer), "ninguno"),
            "una tabla al azar",
        ),
        (
            "fallar cuando nadie cumple",
            lambda rows, b, loss, integer: min(
                (r for r in rows if r["bytes"] <= b and r["low"] > -loss and (r["integer"] or not integer)),
                key=lambda r: r["latency_ratio"],
            )["scheme"],
            "ValueError",
        ),
    ],
}
