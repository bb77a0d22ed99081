"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

import numpy as np


def _depth(x, w, acc):
    return (2 ** (acc - 1) - 1) // (x * w)


def _affine_as_seen(low, high, bits, signed):
    scale = (high - low) / (2**bits - 1) or 1.0
    return scale, -(2 ** (bits - 1)) - int(np.rint(low / scale))


def _affine_clamped(low, high, bits, signed):
    first = -(2 ** (bits - 1)) if signed else 0
    scale = (high - low) / (2**bits - 1) or 1.0
    return scale, min(max(first + round(-low / scale), first), first + 2**bits - 1)


def _affine(low, high, bits, signed):
    low, high = min(low, 0.0), max(high, 0.0)
    first = -(2 ** (bits - 1)) if signed else 0
    scale = (high - low) / (2**bits - 1) or 1.0
    return scale, first + round(-low / scale)


def _affine_real_zero(low, high, bits, signed):
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / (2**bits - 1) or 1.0
    return scale, (-(2 ** (bits - 1)) if signed else 0) - low / scale


def _affine_symmetric(low, high, bits, signed):
    largest = max(abs(low), abs(high))
    return largest / (2 ** (bits - 1) - 1) or 1.0, 0 if signed else 2 ** (bits - 1)


def _affine_always_signed(low, high, bits, signed):
    return _affine(low, high, bits, True)


def _affine_as_many_steps_as_codes(low, high, bits, signed):
    scale, zero_point = _affine(low, high, min(bits, 4), signed)
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / 2 ** (bits - 1) or 1.0
    first = -(2 ** (bits - 1)) if signed else 0
    return scale, first + round(-low / scale)


def _channels(kernel, axis, bits, *, rounding=np.rint, dead=1.0, dtype=np.int8, codes_top=None):
    axis %= kernel.ndim
    others = tuple(i for i in range(kernel.ndim) if i != axis)
    top = 2 ** (bits - 1) - 1
    scales = np.abs(kernel).max(axis=others, keepdims=True) / (codes_top or top)
    scales = np.where(scales == 0, dead, scales)
    with np.errstate(invalid="ignore"):
        codes = np.nan_to_num(np.clip(rounding(kernel / scales), -top, top))
    return codes.astype(dtype), scales.ravel()


def _per_tensor(kernel, axis, bits):
    scale = np.abs(kernel).max() / (2 ** (bits - 1) - 1)
    return np.rint(kernel / scale).astype(np.int8), np.full(kernel.shape[axis], scale)


def _last_axis(kernel, axis, bits):
    return _channels(kernel, -1, bits)


def _in_place(kernel, axis, bits):
    codes, scales = _channels(kernel, axis, bits)
    kernel *= 0
    return codes, scales


def _signed_maximum(kernel, axis, bits):
    axis %= kernel.ndim
    others = tuple(i for i in range(kernel.ndim) if i != axis)
    scales = kernel.max(axis=others, keepdims=True) / (2 ** (bits - 1) - 1)
    scales = np.where(scales == 0, 1, scales)
    return np.rint(kernel / scales).astype(np.int8), scales.ravel()


def _error(x, bits, threshold):
    top = 2 ** (bits - 1) - 1
    return np.sum((np.clip(np.rint(x / threshold * top), -top, top) * threshold / top - x) ** 2)


def _search(x, bits, candidates):
    return float(min(candidates, key=lambda t: _error(x, bits, t)))


def _requantize(acc, multiplier, shift, zero_point, *, half="even"):
    product = acc * multiplier
    floor, unit = product >> shift, 1 << shift
    rest = 2 * (product - (floor << shift))
    up = {"even": floor % 2 == 1, "up": True, "down": False, "away": product > 0}[half]
    return floor + 1 if rest > unit or (rest == unit and up) else floor


def _saturate(value):
    return max(-128, min(127, value))


def _two_roundings(acc, multiplier, shift, zero_point):
    first = min(shift, 31)
    high = _requantize(acc, multiplier, first, 0, half="up")
    return _saturate(_requantize(high, 1, shift - first, 0, half="away") + zero_point)


MISTAKES = {
    "cero-1": [
        ("el resultado visible del enunciado", lambda x, w, acc: 1, "Con 8, 8 y 32 bits"),
        ("olvidar el punto cero", lambda x, w, acc: _depth(2 ** (x - 1), 2 ** (w - 1) - 1, acc), "el punto cero"),
        ("pesos hasta −128", lambda x, w, acc: _depth(2**x - 1, 2 ** (w - 1), acc), "no a 128"),
        ("256 pasos en lugar de 255", lambda x, w, acc: _depth(2**x, 2 ** (w - 1) - 1, acc), "255"),
        (
            "un acumulador sin signo",
            lambda x, w, acc: (2**acc - 1) // ((2**x - 1) * (2 ** (w - 1) - 1)),
            "tiene signo",
        ),
        ("contar bits", lambda x, w, acc: 2 ** (acc - x - w), "cota gruesa"),
    ],
    "cero-2": [
        ("copiar la función visible `affine`", _affine_as_seen, "depende de `signed`"),
        ("recortar el punto cero sin ensanchar", _affine_clamped, "los de fuera se saturan"),
        ("punto cero con decimales", _affine_real_zero, "Tiene que ser un entero"),
        ("rejilla simétrica", _affine_symmetric, "Te sobra intervalo"),
        ("siempre con signo", _affine_always_signed, "depende de `signed`"),
        ("la mitad de los códigos", _affine_as_many_steps_as_codes, "y basta con"),
        ("solo la escala", lambda *a: _affine(*a)[0], "se espera un par"),
    ],
    "cero-3": [
        ("copiar la función visible, con los ejes de una convolución", _last_axis, "el eje 0"),
        ("una escala para todo", _per_tensor, "El mayor valor absoluto".lower()),
        ("truncar en lugar de redondear", lambda k, a, b: _channels(k, a, b, rounding=np.trunc), "más cercano"),
        ("canal a cero con escala 0", lambda k, a, b: _channels(k, a, b, dead=0.0), "Ese canal lleva escala 1"),
        ("códigos int32", lambda k, a, b: _channels(k, a, b, dtype=np.int32), "Se piden `int8`"),
        ("siempre con 8 bits", lambda k, a, b: _channels(k, a, b, codes_top=127), "Comprueba el eje y los bits"),
        ("estropear el núcleo", _in_place, "cambia el núcleo"),
        ("el máximo sin valor absoluto", _signed_maximum, "mayor valor absoluto"),
    ],
    "cero-4": [
        ("lo visible: el percentil 99", lambda x, b: float(np.percentile(np.abs(x), 99)), "veces el menor error"),
        ("el máximo", lambda x, b: float(np.abs(x).max()), "Eso es el máximo"),
        (
            "candidatos en progresión aritmética",
            lambda x, b: _search(x, b, np.linspace(0.1, 1, 10) * np.abs(x).max()),
            "bastante juntos",
        ),
        ("tres desviaciones típicas", lambda x, b: float(3 * x.std()), "veces el menor error"),
        (
            "solo el error de recorte",
            lambda x, b: float(
                min(np.geomspace(1e-4, 1, 99) * np.abs(x).max(), key=lambda t: np.abs(x[np.abs(x) > t] - t).sum())
            ),
            "Eso es el máximo",
        ),
        ("el máximo con signo", lambda x, b: _search(x, b, np.geomspace(1e-4, 1, 300) * x.max()), "umbral"),
    ],
    "cero-5": [
        (
            "copiar lo visible: los dos redondeos de la página",
            _two_roundings,
            "Es un medio exacto",
        ),
        ("desplazar sin redondear", lambda a, m, s, z: _saturate((a * m >> s) + z), "siempre hacia abajo"),
        ("el medio hacia arriba", lambda a, m, s, z: _saturate(_requantize(a, m, s, z, half="up") + z), "va al par"),
        (
            "el medio lejos del cero",
            lambda a, m, s, z: _saturate(_requantize(a, m, s, z, half="away") + z),
            "va al par",
        ),
        ("en coma flotante", lambda a, m, s, z: _saturate(round(a * m / 2**s) + z), "no tiene coma flotante"),
        ("sin saturar", lambda a, m, s, z: _requantize(a, m, s, z) + z, "satura al final"),
        (
            "saturar antes de tiempo",
            lambda a, m, s, z: _saturate(_saturate(_requantize(a, m, s, z)) + z),
            "antes de sumar",
        ),
        ("sin punto cero", lambda a, m, s, z: _saturate(_requantize(a, m, s, z)), "Falta sumar el punto cero"),
    ],
}
