"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

import warnings

import numpy as np
import tf_keras as keras

from ligero import measure
from ligero._tensorflow import tf

with warnings.catch_warnings():  # al importarse, consulta distutils, que avisa
    warnings.simplefilter("ignore", DeprecationWarning)
    import tensorflow_model_optimization as tfmot

Q = tfmot.quantization.keras


def _moving(batches, decay, with_zero=True):
    low, high = float(batches[0].min()), float(batches[0].max())
    for batch in batches[1:]:
        low = decay * low + (1 - decay) * float(batch.min())
        high = decay * high + (1 - decay) * float(batch.max())
    return (min(low, 0.0), max(high, 0.0)) if with_zero else (low, high)


def _min_max(batches, decay):
    everything = np.concatenate([batch.ravel() for batch in batches])
    return min(everything.min(), 0.0), max(everything.max(), 0.0)


def _in_place(batches, decay):
    result = _moving(batches, decay)
    batches[0] *= 0
    return result


def _from_zero(batches, decay):
    return _moving([np.zeros(2), *batches], decay)


def _fake(x, low, high, bits, steps=None, clip=True, gradient=None):
    step = (high - low) / (steps or 2**bits - 1)
    inside = tf.clip_by_value(x, low, high) if clip else tf.convert_to_tensor(x)
    rounded = low + tf.round((inside - low) / step) * step
    path = tf.convert_to_tensor(x) if gradient == "x" else inside
    return rounded if gradient == "cut" else path + tf.stop_gradient(rounded - path)


def _numpy(x, low, high, bits):
    return _fake(x, low, high, bits).numpy()


def _library_in_eight_bits(x, low, high, bits):
    return tf.quantization.fake_quant_with_min_max_args(x, low, high, num_bits=8)


def _annotate(model, keep, apply=True, copy=True, drop=False):
    def choose(layer):
        return Q.quantize_annotate_layer(layer) if keep(layer) else layer

    if drop:
        inner = [choose(type(layer).from_config(layer.get_config())) for layer in model.layers if keep(layer)]
        return Q.quantize_apply(keras.Sequential([keras.layers.Input(model.input_shape[1:]), *inner]))
    clone = keras.models.clone_model(
        model, clone_function=lambda layer: choose(type(layer).from_config(layer.get_config()))
    )
    if copy:
        clone.set_weights(model.get_weights())
    return Q.quantize_apply(clone) if apply else clone


def _out(skip):
    return lambda layer: layer.name not in skip


def _only_the_skipped(model, skip):
    return _annotate(model, lambda layer: layer.name in (skip or {"media"}))


def _choose(hits, max_loss, int16, order=("int8", "int16x8", "int8_reajustado", "qat"), value="low"):
    for name in order:
        interval = measure.paired_difference(hits[name], hits["float32"])
        if getattr(interval, value) > -max_loss and (int16 or name != "int16x8"):
            return name
    return "ninguna"


def _best(hits, max_loss, int16):
    fit = [n for n in ("int8", "int16x8", "int8_reajustado", "qat") if _choose(hits, max_loss, int16, (n,)) == n]
    return max(fit, key=lambda name: hits[name].sum(), default="ninguna")


MISTAKES = {
    "qat-1": [
        ("el resultado visible del enunciado", lambda batches, decay: (-1.5, 4.0), "Con un solo lote"),
        ("el mínimo y el máximo de todo", _min_max, "mínimo y el máximo de todo lo visto"),
        ("decay cambiado de sitio", lambda b, d: _moving(b, 1 - d), "Has cambiado los papeles"),
        ("sin alargar hasta el cero", lambda b, d: _moving(b, d, False), "El cero tiene que caber"),
        ("empieza en cero y no en el primer lote", _from_zero, "el primer lote lo fija"),
        ("un solo número", lambda b, d: _moving(b, d)[1], "se espera un par"),
        ("cambia los lotes que recibe", _in_place, "cambia los lotes"),
    ],
    "qat-2": [
        (
            "la función visible en el cuaderno, de rango simétrico",
            lambda x, low, high, bits: _fake(x, -tf.reduce_max(tf.abs(x)), tf.reduce_max(tf.abs(x)), bits),
            "se convierte en",
        ),
        ("sin estimador directo", lambda *a: _fake(*a, gradient="cut"), "el gradiente es `None`"),
        ("gradiente también fuera del rango", lambda *a: _fake(*a, gradient="x"), "su derivada es 0"),
        ("sin recortar", lambda *a: _fake(*a, clip=False), "se queda en el extremo"),
        ("un paso de menos", lambda x, lo, hi, b: _fake(x, lo, hi, b, steps=2**b), "2^bits valores"),
        ("con NumPy", _numpy, "NumPy corta el gradiente"),
        ("siempre 8 bits", _library_in_eight_bits, "2^bits valores"),
    ],
    "qat-3": [
        (
            "lo visible en el cuaderno: todo anotado",
            lambda model, skip: Q.quantize_model(model),
            "deberían llevarlos",
        ),
        ("al revés: solo las de skip", _only_the_skipped, "tal cual si su nombre"),
        ("sin quantize_apply", lambda m, s: _annotate(m, _out(s), apply=False), "falta `quantize_apply`"),
        ("pesos nuevos", lambda m, s: _annotate(m, _out(s), copy=False), "estrena los pesos"),
        ("quita las capas de skip", lambda m, s: _annotate(m, _out(s), drop=True), "Sin anotar no es sin poner"),
        ("devuelve las capas", lambda m, s: list(m.layers), "se espera un modelo"),
    ],
    "qat-4": [
        ("siempre la visible en el resumen", lambda *a: "qat", "otra que exige menos"),
        ("mira la diferencia y no su cota", lambda *a: _choose(*a, value="value"), "mira la cota inferior"),
        ("olvida que el aparato no tiene 16 bits", lambda h, m, i: _choose(h, m, True), "16x8 no es candidata"),
        ("la de más aciertos", _best, "otra que exige menos"),
        ("nunca ninguna", lambda *a: _choose(*a).replace("ninguna", "qat"), "no se puede asegurar"),
        (
            "QAT antes que reajustar",
            lambda *a: _choose(*a, order=("int8", "int16x8", "qat", "int8_reajustado")),
            "el orden es",
        ),
    ],
}
