"""Ejercicios de `reducir/cuantizacion-16x8`."""

import tempfile
from functools import cache

import numpy as np

from ligero import convert
from ligero._tensorflow import keras, tf
from ligero.exercises import Trial, exercise


@exercise(
    "16x8-1",
    asks="Escribe `bits_needed(peak, smallest, steps)`: los bits con que `smallest` mide al menos `steps` pasos.",
    first_hint="Con `bits` bits hay `2 ** (bits - 1) - 1` códigos a cada lado del cero, y el último vale `peak`.",
)
def bits_needed(trial: Trial) -> str:
    """Compara con la cuenta exacta; varios casos caen justo en el borde entre dos anchuras."""
    rng = np.random.default_rng(16)
    cases = [(100, 0.1, 1), (127, 1, 1), (128, 1, 1), (100, 1, 4), (1, 1, 1), (3, 1, 1), (32767, 1, 1), (2.5, 0.25, 8)]
    cases += [(float(p), float(p / q), int(n)) for p, q, n in zip(*rng.integers(2, 900, (3, 30)), strict=True)]
    for peak, smallest, steps in cases:
        shown = f"un pico de {peak:g}, una amplitud de {smallest:.4g} y {steps} pasos"
        got = trial.call(peak, smallest, steps, shown=shown)
        value = trial.number(got, f"Con {shown}")
        trial.require(
            isinstance(got, int | np.integer),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera un entero.",
            "No hay medios bits: devuelve un `int`.",
        )
        expected = _bits(peak, smallest, steps)
        trial.require(
            value == expected,
            f"Con {shown} tu función da {value} bits y son {expected}.",
            _bits_hint(peak, smallest, steps, value),
        )
    return (
        "Con 100 mV de fuga y ecos de 0.1 mV salen más de 8 bits y menos de 16. ¿Qué hardware te daría 12 bits de "
        "activación, y qué te cuesta redondear hacia arriba?"
    )


def _bits(peak: float, smallest: float, steps: int) -> int:
    bits = 2
    while smallest * (2 ** (bits - 1) - 1) < steps * peak:
        bits += 1
    return bits


def _bits_hint(peak: float, smallest: float, steps: int, got: float) -> str:
    if steps > 1 and got == _bits(peak, smallest, 1):
        return "Con esos bits la amplitud mide un solo paso, o poco más: ¿has usado `steps`?"
    if got == _bits(peak, smallest, steps) - 1:
        codes = 2 ** (int(got) - 1) - 1
        return (
            f"Con {got} bits solo hay {codes} códigos a cada lado del cero: uno de los bits es para el signo, y el "
            "código que sobra en el lado negativo no cuenta."
        )
    if got > _bits(peak, smallest, steps):
        return "Hay una anchura menor que ya basta: comprueba si el último código llega justo a `peak`."
    return "Compara `smallest * (2 ** (bits - 1) - 1)` con `steps * peak`, de bit en bit."


@exercise(
    "16x8-2",
    asks="Escribe `is_16x8(tflite)`: `True` solo si las activaciones son int16 y no hay coma flotante dentro.",
    first_hint="Aparta los tensores de entrada y de salida por su `index`; en los demás no puede haber flotantes.",
)
def is_16x8(trial: Trial) -> str:
    """Pone trampas: sin datos, con una isla flotante, int8 por dentro, y extremos float32 o int16."""
    for name, expected in _MODELS.items():
        got = trial.call(_model(name), shown=name)
        trial.require(
            isinstance(got, bool | np.bool_),
            f"Con {name}, tu función devuelve {type(got).__name__} y se espera `True` o `False`.",
            "Una comparación, `in`, `any(...)` y `not` ya dan un valor lógico.",
        )
        trial.require(bool(got) is expected, f"Con {name} respondes {bool(got)} y es {expected}.", _HINTS[name])
    return (
        "Tu control dice que no hay coma flotante, pero no que el destino sepa ejecutar cada operador en 16 bits. ¿Qué "
        "comprobarías después?"
    )


_MODELS = {
    "un modelo 16x8 con entrada y salida float32": True,
    "un modelo 16x8 con entrada y salida int16": True,
    "un modelo int8 con entrada y salida int8": False,
    "un modelo int8 con entrada y salida float32": False,
    "un modelo convertido a 16x8 sin datos": False,
    "un modelo 16x8 con una isla flotante": False,
    "un modelo float32": False,
}
_HINTS = dict.fromkeys(_MODELS, "¿Hay algún int16? Un modelo sin ninguno no es 16x8, se llame como se llame.") | {
    "un modelo 16x8 con entrada y salida float32": "La entrada y la salida sí pueden ser float32: apártalas por su "
    "`index` antes de buscar flotantes.",
    "un modelo 16x8 con entrada y salida int16": "No exijas extremos flotantes: también pueden ser int16, y así llegan "
    "a un microcontrolador.",
    "un modelo 16x8 con una isla flotante": "Que haya int16 no basta: dentro queda un operador en coma flotante.",
}


@cache
def _model(name: str) -> bytes:
    keras.utils.set_random_seed(0)
    activation = "elu" if "isla" in name else "relu"
    layers = [keras.layers.Dense(40, activation=activation), keras.layers.Dense(3)]
    network = keras.Sequential([keras.layers.Input((40,)), *layers])
    x = np.random.default_rng(8).normal(size=(20, 40)).astype(np.float32)
    if name == "un modelo float32":
        return convert.convert(network, "float32")
    if name == "un modelo int8 con entrada y salida int8":
        return convert.convert(network, "int8", x)
    ops, types = tf.lite.OpsSet, tf.float32
    wanted = [ops.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8]
    if "int8" in name:
        wanted = [ops.TFLITE_BUILTINS_INT8]
    elif "isla" in name:
        wanted.append(ops.TFLITE_BUILTINS)
    elif "salida int16" in name:
        types = tf.int16
    with tempfile.TemporaryDirectory() as folder:
        network.export(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = wanted
        converter.inference_input_type = converter.inference_output_type = types
        if "sin datos" not in name:
            converter.representative_dataset = convert.representative_dataset(x)
        return converter.convert()


@exercise(
    "16x8-3",
    asks="Escribe `make_compander(peak, floor)`: devuelve `(compress, expand)` para que 8 bits basten.",
    first_hint="Con pasos iguales, lo pequeño no cabe. ¿Qué función gasta tanto de 1 a 10 como de 10 a 100?",
)
def make_compander(trial: Trial) -> str:
    """Redondea a int8 entre una función y otra, con picos y suelos que el enunciado no enseña."""
    rng = np.random.default_rng(127)
    for peak, floor in ((1.0, 1e-5), (100.0, 0.1), (3e4, 0.3), (float(rng.uniform(2, 9)), 1e-4)):
        where = f"peak={peak:.3g} y floor={floor:.3g}"
        compress, expand = _pair(trial, trial.call(peak, floor, shown=where), where)
        magnitudes = np.geomspace(floor, peak, 601)
        signal = rng.permutation(np.concatenate([-magnitudes, [0.0], magnitudes]))
        kept = signal.copy()
        inside = _array(trial, compress, signal, f"`compress`, con {where}")
        trial.require(
            np.array_equal(signal, kept),
            f"Con {where}, `compress` cambia el array que recibe.",
            "Crea un array nuevo: `x = x / 2` en lugar de `x /= 2`.",
        )
        trial.require(
            np.abs(inside).max() <= 1 + 1e-9,
            f"Con {where}, `compress` da {np.abs(inside).max():.3g} y la rejilla acaba en 1.",
            "Divide entre lo que da tu función en `peak`.",
        )
        codes = np.round(np.clip(inside, -1, 1) * 127)
        back = _array(trial, expand, codes / 127, f"`expand`, con {where}")
        zero = signal == 0
        trial.require(
            bool((back[zero] == 0).all()),
            f"Con {where}, el cero vuelve como {back[zero][0]:.3g}.",
            "El cero debe ir a 0 y volver a 0: `np.log1p(0)` y `np.sign(0)` lo son.",
        )
        signal, back, codes = signal[~zero], back[~zero], codes[~zero]
        wrong = np.sign(back) != np.sign(signal)
        if wrong.any():
            lost = signal[wrong][np.abs(signal[wrong]).argmax()]
            trial.require(
                bool((codes[wrong] == 0).all()),
                f"Con {where}, {lost:.3g} vuelve con otro signo.",
                "Trabaja con `np.abs(x)` y devuelve el signo con `np.sign(x)`.",
            )
            trial.reject(
                f"Con {where}, {lost:.3g} se redondea a cero y se pierde.",
                "A ese valor no le llega ni un código: la función debe crecer mucho más deprisa cerca de cero.",
            )
        order = np.argsort(signal)
        trial.require(
            bool((np.diff(back[order]) >= -1e-12 * peak).all()),
            f"Con {where}, el orden de la señal cambia al volver.",
            "Las dos funciones deben ser crecientes.",
        )
        error = np.abs(back / signal - 1)
        worst = int(error.argmax())
        trial.require(
            error[worst] <= 0.12,
            f"Con {where}, {signal[worst]:.3g} vuelve como {back[worst]:.3g}: un error del {100 * error[worst]:.3g} %.",
            "¿`expand` deshace exactamente lo que hace `compress`? Si es así, reparte los códigos por igual entre "
            "décadas: del suelo al pico debe haber el mismo factor entre un código y el siguiente.",
        )
    return (
        "Has cambiado error absoluto por relativo. ¿En qué señal sería una mala idea: la de un micrófono o la de una "
        "báscula?"
    )


def _pair(trial: Trial, got: object, where: str) -> tuple:
    trial.require(
        isinstance(got, tuple | list) and len(got) == 2 and all(callable(function) for function in got),
        f"Con {where}, tu función devuelve {type(got).__name__} y se espera un par de funciones.",
        "Define dos funciones dentro y acaba con `return compress, expand`, sin paréntesis de llamada.",
    )
    return tuple(got)


def _array(trial: Trial, function: object, values: np.ndarray, where: str) -> np.ndarray:
    got = trial.run(lambda: function(values), f" en {where}")
    trial.require(
        isinstance(got, np.ndarray) and got.shape == values.shape and got.dtype.kind == "f",
        f"En {where}: la salida es {type(got).__name__} y se espera un array de reales de forma {values.shape}.",
        "Usa funciones de NumPy, que trabajan con el array entero.",
    )
    trial.require(
        bool(np.isfinite(got).all()),
        f"En {where}: la salida tiene NaN o infinitos.",
        "El logaritmo de cero no existe; `np.log1p` de cero vale cero.",
    )
    return got
