"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def _climb(enough):
    bits = 2
    while not enough(bits):
        bits += 1
    return bits


def _forget_the_sign_bit(peak, smallest, steps):
    return _climb(lambda bits: smallest * (2**bits - 1) >= steps * peak)


def _negative_side(peak, smallest, steps):
    return _climb(lambda bits: smallest * 2 ** (bits - 1) >= steps * peak)


def _strict(peak, smallest, steps):
    return _climb(lambda bits: smallest * (2 ** (bits - 1) - 1) > steps * peak)


def _one_step(peak, smallest, steps):
    return _climb(lambda bits: smallest * (2 ** (bits - 1) - 1) >= peak)


def _right(peak, smallest, steps):
    return _climb(lambda bits: smallest * (2 ** (bits - 1) - 1) >= steps * peak)


def _types(tflite):
    return [tensor["dtype"] for tensor in Interpreter(model_content=tflite).get_tensor_details()]


def _no_floats_inside(tflite):
    runner = Interpreter(model_content=tflite)
    ends = {detail["index"] for detail in runner.get_input_details() + runner.get_output_details()}
    return not any(t["dtype"] == np.float32 for t in runner.get_tensor_details() if t["index"] not in ends)


def _two_floats(tflite):
    return np.int16 in _types(tflite) and _types(tflite).count(np.float32) == 2


def _sign_log(knee_over_floor, scale=True, sign=True):
    def make(peak, floor):
        knee = floor * knee_over_floor
        top = np.log1p(peak / knee) if scale else 1.0

        def compress(x):
            return (np.sign(x) if sign else 1.0) * np.log1p(np.abs(x) / knee) / top

        def expand(z):
            return (np.sign(z) if sign else 1.0) * knee * np.expm1(np.abs(z) * top)

        return compress, expand

    return make


def _root(peak, floor):
    return (
        lambda x: np.sign(x) * np.sqrt(np.abs(x) / peak),
        lambda z: np.sign(z) * peak * z**2,
    )


def _bare_logarithm(peak, floor):
    top = np.log(peak / floor)

    def compress(x):
        with np.errstate(all="ignore"):
            return np.sign(x) * np.log(np.abs(x) / floor) / top

    return compress, lambda z: np.sign(z) * floor * np.exp(np.abs(z) * top)


def _not_the_inverse(peak, floor):
    compress, _ = _sign_log(0.5)(peak, floor)
    return compress, lambda z: peak * z


def _in_place(peak, floor):
    compress, expand = _sign_log(0.5)(peak, floor)

    def modify(x):
        x /= 1.0 + 1e-3
        return compress(x)

    return modify, expand


MISTAKES = {
    "16x8-1": [
        ("el resultado visible del enunciado", lambda peak, smallest, steps: 8, "son 11"),
        ("contar el bit de signo como código", _forget_the_sign_bit, "uno de los bits es para el signo"),
        ("contar el código que sobra en el lado negativo", _negative_side, "el código que sobra"),
        ("pedir que el último código pase del pico", _strict, "llega justo a `peak`"),
        ("no usar los pasos", _one_step, "¿has usado `steps`?"),
        ("el resultado correcto, como float", lambda *a: float(_right(*a)), "se espera un entero"),
        ("siempre 16", lambda peak, smallest, steps: 16, "Hay una anchura menor"),
    ],
    "16x8-2": [
        ("el resultado visible: siempre cierto", lambda tflite: True, "un modelo int8"),
        ("basta con que haya int16", lambda tflite: np.int16 in _types(tflite), "una isla flotante"),
        ("no admitir extremos flotantes", lambda tflite: np.float32 not in _types(tflite), "apártalas por su `index`"),
        ("buscar solo flotantes por dentro", _no_floats_inside, "¿Hay algún int16?"),
        ("exigir dos flotantes, como en el cuaderno", _two_floats, "No exijas extremos flotantes"),
        ("devolver los tipos", _types, "se espera `True` o `False`"),
    ],
    "16x8-3": [
        (
            "lo visible: la compresión del cuaderno, sin escala",
            lambda peak, floor: (
                lambda x: np.sign(x) * np.log1p(np.abs(x) / 0.1),
                lambda z: np.sign(z) * 0.1 * np.expm1(np.abs(z)),
            ),
            "la rejilla acaba en 1",
        ),
        ("una rejilla uniforme", lambda peak, floor: (lambda x: x / peak, lambda z: z * peak), "se redondea a cero"),
        ("una raíz cuadrada", _root, "se redondea a cero"),
        ("sin dividir entre el máximo", _sign_log(0.5, scale=False), "la rejilla acaba en 1"),
        ("perder el signo", _sign_log(0.5, sign=False), "vuelve con otro signo"),
        ("un codo muy por encima del suelo", _sign_log(4), "un error del"),
        ("el logaritmo sin el uno", _bare_logarithm, "tiene NaN o infinitos"),
        ("deshacer otra cosa", _not_the_inverse, "deshace exactamente"),
        ("cambiar el array recibido", _in_place, "cambia el array que recibe"),
        ("una sola función", lambda peak, floor: lambda x: x, "se espera un par de funciones"),
    ],
}
