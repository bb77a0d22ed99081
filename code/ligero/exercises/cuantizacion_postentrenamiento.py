"""Ejercicios de `reducir/cuantizacion-postentrenamiento`."""

import tempfile
from functools import cache
from math import prod

import numpy as np

from ligero import convert, models
from ligero._tensorflow import keras, tf
from ligero.exercises import Trial, exercise


@exercise(
    "quant-1",
    asks="Escribe `weight_bytes(layers, scheme)`: los bytes que ocupan los pesos y los sesgos en cada esquema.",
    first_hint="Mira en la tabla de tipos qué guarda cada esquema en un núcleo y qué guarda en un sesgo.",
)
def weight_bytes(trial: Trial) -> str:
    """Compara con la cuenta exacta, en redes que el enunciado no enseña."""
    rng = np.random.default_rng(41)
    networks = [
        ([((16, 3, 3, 1), 16), ((32, 3, 3, 16), 32)], "dos convoluciones"),
        ([((192, 512), 192), ((10, 192), 10)], "dos capas densas"),
        ([((4, 256), 4), ((11, 93), 11)], "un núcleo de 1 024 elementos y otro de 1 023"),
        ([((int(a), int(b)), int(a)) for a, b in rng.integers(5, 90, (3, 2))], "tres capas densas al azar"),
    ]
    for layers, description in networks:
        for scheme in ("float32", "float16", "dynamic", "int8"):
            where = f"{description}, {scheme}"
            got = trial.number(trial.call(list(layers), scheme, shown=where), f"Con {where}")
            expected = _weight_bytes(layers, scheme)
            trial.require(
                got == expected,
                f"Con {where} ({', '.join(str(kernel) for kernel, _ in layers)}) tu función da {got:g} bytes y son "
                f"{expected}.",
                _weight_hint(layers, scheme, got),
            )
    return (
        "Si los sesgos son tan pocos, ¿por qué se guardan en int32 y no en int8? Piensa en qué se les suma: un "
        "acumulador de productos de 8 bits."
    )


def _weight_bytes(layers: list, scheme: str) -> int:
    def kernel_bytes(elements: int) -> int:
        if scheme == "dynamic":
            return elements if elements >= 1024 else 4 * elements
        return {"float32": 4, "float16": 2, "int8": 1}[scheme] * elements

    bias_bytes = 2 if scheme == "float16" else 4
    return sum(kernel_bytes(prod(kernel)) + bias_bytes * bias for kernel, bias in layers)


def _weight_hint(layers: list, scheme: str, got: float) -> str:
    if got == sum(prod(kernel) + bias for kernel, bias in layers) and scheme in ("dynamic", "int8"):
        return "Los sesgos no bajan a 8 bits. Busca en la tabla de tipos cuántos bits tienen."
    if scheme == "dynamic":
        return "El rango dinámico deja en float32 los sesgos, y también los núcleos de menos de 1 024 elementos."
    if got < _weight_bytes(layers, "int8"):
        return "¿Has contado todos los elementos del núcleo (el producto de su forma) y también los sesgos?"
    return "Cuenta por separado los elementos de los núcleos y los de los sesgos, cada uno con sus bytes."


@exercise(
    "quant-2",
    asks="Escribe `calibrated_range(tflite)`: el par `(mínimo, máximo)` de reales que admite la entrada entera.",
    first_hint="`get_input_details()[0]` trae `dtype` y `quantization`: escala y punto cero. ¿Qué real es cada código?",
)
def calibrated_range(trial: Trial) -> str:
    """Lee el intervalo en modelos calibrados con otros datos y con otro tipo de entrada."""
    for low, high, unsigned in ((0.0, 1.0, False), (0.0, 255.0, False), (-3.0, 1.0, False), (-1.0, 2.0, True)):
        model = _dense_int8(low, high, unsigned)
        kind = "uint8" if unsigned else "int8"
        shown = f"un modelo de entrada {kind} calibrado entre {low:g} y {high:g}"
        got = trial.call(model, shown=shown)
        trial.require(
            isinstance(got, tuple | list | np.ndarray) and len(got) == 2,
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera un par.",
            "Acaba con `return minimo, maximo`.",
        )
        got = [trial.number(value, f"Con {shown}") for value in got]
        # El convertidor mueve un poco los extremos para que el cero tenga código propio.
        tolerance = 0.02 * (high - low)
        trial.require(
            abs(got[0] - low) <= tolerance and abs(got[1] - high) <= tolerance,
            f"Con {shown}, tu función da ({got[0]:.3g}, {got[1]:.3g}).",
            "Un código q vale (q - punto_cero) · escala. Los códigos extremos dependen del tipo: búscalos con "
            "`np.iinfo(dtype)`, porque no todas las entradas son int8.",
        )
    return (
        "Un modelo que llega de fuera dice aquí con qué datos se calibró. Si tus imágenes van de 0 a 1 y el fichero "
        "admite de 0 a 255, ¿cuántos de sus 256 códigos vas a usar?"
    )


@exercise(
    "quant-3",
    asks="Escribe `is_fully_integer(tflite)`: `True` solo si ningún tensor del modelo es de coma flotante.",
    first_hint="`get_tensor_details()` da el `dtype` de cada tensor, no solo el de la entrada y el de la salida.",
)
def is_fully_integer(trial: Trial) -> str:
    """Pone trampas: entrada flotante con interior entero, y entrada entera con un operador flotante dentro."""
    for name, expected in _INTEGER_CASES.items():
        got = trial.call(_integer_model(name), shown=name)
        trial.require(
            isinstance(got, bool | np.bool_),
            f"Con {name}, tu función devuelve {type(got).__name__} y se espera `True` o `False`.",
            "Una comparación, `all(...)` o `any(...)` ya dan un valor lógico.",
        )
        trial.require(
            bool(got) is expected,
            f"Con {name} respondes {bool(got)} y es {expected}.",
            "Recorre todos los tensores. Un solo tensor flotante obliga al dispositivo a saber coma flotante."
            if not expected
            else "int32 e int64 también son enteros: en ellos van los sesgos y las formas.",
        )
    return (
        "Un microcontrolador sin unidad de coma flotante rechazaría el modelo con un solo operador flotante. ¿Cómo "
        "harías que el convertidor fallara, en lugar de dejarlo pasar?"
    )


@exercise(
    "quant-4",
    asks="Escribe `pick_representative(images, labels, n)`: `n` imágenes listas para calibrar, con todas las clases.",
    first_hint="Los datos vienen ordenados por clase y sin normalizar (de 0 a 16); el modelo se entrenó de 0 a 1.",
)
def pick_representative(trial: Trial) -> str:
    """Comprueba forma, tipo, normalización, reparto por clases, repeticiones y que los datos no se tocan."""
    rng = np.random.default_rng(77)
    # Ni las clases miden lo mismo, ni sus etiquetas son 0, 1, 2…, ni (en el último caso) llegan seguidas.
    for sizes, n in (([60, 71, 55, 64, 80, 58, 62, 77, 90, 66], 100), ([30, 12, 41, 25], 18), ([3, 40, 22], 21)):
        names = 3 + 2 * np.arange(len(sizes))
        labels = np.repeat(names, sizes)
        if len(sizes) == 3:
            labels = rng.permutation(labels)
        images = rng.integers(0, 17, (len(labels), 8, 8)).astype(np.uint8)
        images[:, 0, 0], images[:, 0, 1] = 0, 16  # toda imagen usa la escala completa
        original = images.copy()
        shown = f"clases de {sizes} imágenes y n={n}"
        got = trial.call(images, labels.copy(), n, shown=shown)
        trial.require(
            isinstance(got, np.ndarray) and got.shape == (n, 8, 8, 1),
            f"Con {shown}, se espera un array de forma ({n}, 8, 8, 1); tu función da {_shape(got)}.",
            "Añade el canal al final con `[..., np.newaxis]` y devuelve exactamente n imágenes.",
        )
        trial.require(
            got.dtype == np.float32,
            f"Con {shown}, el array es de {got.dtype} y el convertidor pide float32.",
            "Convierte con `.astype(np.float32)`.",
        )
        trial.require(
            bool(np.isclose(got.max(), 1.0) and np.isclose(got.min(), 0.0)),
            f"Con {shown}, los valores van de {got.min():.3g} a {got.max():.3g}; el modelo se entrenó entre 0 y 1.",
            "Aplica la misma normalización que en el entrenamiento: los píxeles cuentan de 0 a 16.",
        )
        trial.require(
            bool((images == original).all()),
            f"Con {shown}, tu función cambia las imágenes que recibe.",
            "Normaliza una copia: `images / 16` crea otra, `images /= 16` no.",
        )
        rows = np.round(got[..., 0] * 16).astype(np.uint8).reshape(n, -1)
        index = {row.tobytes(): i for i, row in enumerate(original.reshape(len(labels), -1))}
        chosen = [index.get(row.tobytes(), -1) for row in rows]
        trial.require(
            min(chosen) >= 0,
            f"Con {shown}, alguna imagen devuelta no está entre las recibidas.",
            "Elige imágenes enteras: no las mezcles, no las recortes y no cambies su orden de píxeles.",
        )
        trial.require(
            len(set(chosen)) == n,
            f"Con {shown}, tu selección repite imágenes.",
            "Elige sin reemplazo: `rng.choice(..., replace=False)`, o posiciones distintas.",
        )
        counts = [int((labels[chosen] == name).sum()) for name in names]
        largest = max(counts)
        # Una clase solo puede quedarse por debajo del resto si ya no le quedan imágenes.
        trial.require(
            all(count >= largest - 1 or count == size for count, size in zip(counts, sizes, strict=True)),
            f"Con {shown}, las clases quedan con {counts} imágenes.",
            "Reparte por clases: la diferencia entre la que más y la que menos tiene no debe pasar de 1, aunque n no "
            "sea múltiplo del número de clases; una clase que se agota da todas las suyas.",
        )
    return (
        "Equilibrar por clases vale si en producción llegan todas por igual. Si el 99 % de tus imágenes fueran de una "
        "sola clase, ¿calibrarías con el reparto real o con el equilibrado?"
    )


@exercise(
    "quant-5",
    asks="Escribe `choose_scheme(rows, max_bytes, max_loss, integer_only)`: el esquema más rápido que cumple todo.",
    first_hint="Filtra las filas con cada requisito y, de las que quedan, toma la de menor `latency_ratio`.",
)
def choose_scheme(trial: Trial) -> str:
    """Pone casos en que la estimación puntual engaña, en que hay que renunciar y en que manda el hardware."""
    rows = [
        _row("float32", 400_000, 0.0, 0.0, 1.0, False),
        _row("float16", 204_000, 0.0, -0.2, 1.01, False),
        _row("dynamic", 106_000, 0.1, -0.4, 0.62, False),
        _row("int8", 108_000, -0.3, -0.9, 0.45, True),
        _row("int8_barato", 107_000, 0.2, -2.6, 0.40, True),
    ]
    cases = [
        (10**6, 10.0, False, "int8_barato", "un presupuesto holgado", "Sin nada que descarte filas, gana la rapidez."),
        (10**6, 1.0, False, "int8", "pérdida máxima de 1 punto", _BOUND_HINT),
        (10**6, 0.5, False, "dynamic", "pérdida máxima de 0.5 puntos", _BOUND_HINT),
        (10**6, 0.1, False, "float32", "pérdida máxima de 0.1 puntos", _BOUND_HINT),
        (106_000, 5.0, False, "dynamic", "106 000 bytes como máximo", "«Como máximo» incluye el límite: usa `<=`."),
        (150_000, 0.5, True, "ninguno", "solo enteros y 0.5 puntos", "Si nadie cumple, la respuesta es «ninguno»."),
        (10**6, 1.0, True, "int8", "solo enteros y 1 punto", "Con `integer_only`, solo valen las filas enteras."),
        (1_000, 50.0, False, "ninguno", "1 000 bytes", "Si nadie cumple, la respuesta es «ninguno»."),
    ]
    for max_bytes, max_loss, integer_only, expected, shown, hint in cases:
        for order in (rows, rows[::-1]):
            got = trial.call([dict(row) for row in order], max_bytes, max_loss, integer_only, shown=shown)
            got = trial.text(got, f"Con {shown}")
            trial.require(got == expected, f"Con {shown} eliges «{got}» y es «{expected}».", hint)
    rng = np.random.default_rng(23)
    for _ in range(40):
        table = [
            _row(f"e{i}", int(rng.integers(50, 400)) * 1000, 0.0, -rng.random() * 2, 0.2 + rng.random(), bool(i % 2))
            for i in range(6)
        ]
        limit = table[int(rng.integers(6))]  # los límites coinciden con una fila: se prueban los dos bordes
        arguments = (limit["bytes"], -limit["low"], bool(rng.integers(2)))
        got = trial.text(trial.call([dict(row) for row in table], *arguments, shown="una tabla al azar"), "Al azar")
        expected = _fastest(table, *arguments)
        trial.require(
            got == expected,
            f"Con una tabla al azar y los requisitos {arguments} eliges «{got}» y es «{expected}».",
            "Los bytes admiten el límite; la pérdida no: `low` debe quedar por encima de `-max_loss`. De las filas que "
            "cumplen, gana la de menor `latency_ratio`, sea entera o no.",
        )
    return (
        "Has decidido con la cota inferior: pides pruebas de que no se pierde. ¿Qué cambiarías si el coste de perder "
        "un punto fuera pequeño y el de no desplegar, enorme?"
    )


def _fastest(rows: list[dict], max_bytes: int, max_loss: float, integer_only: bool) -> str:
    valid = [r for r in rows if r["bytes"] <= max_bytes and r["low"] > -max_loss and (r["integer"] or not integer_only)]
    return min(valid, key=lambda r: r["latency_ratio"])["scheme"] if valid else "ninguno"


_BOUND_HINT = "Lo que hay que comparar con `-max_loss` es la cota inferior (`low`), no la diferencia medida (`points`)."


def _row(scheme: str, size: int, points: float, low: float, latency_ratio: float, integer: bool) -> dict:
    return {
        "scheme": scheme,
        "bytes": size,
        "points": points,
        "low": low,
        "latency_ratio": latency_ratio,
        "integer": integer,
    }


def _shape(value: object) -> str:
    return f"forma {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__


@cache
def _dense_int8(low: float, high: float, unsigned: bool) -> bytes:
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
    samples = np.linspace(low, high, 40, dtype=np.float32).reshape(10, 4)
    return _quantized(network, samples, tf.uint8 if unsigned else tf.int8, strict=True)


# Nombre → si es entero de principio a fin. Cada modelo se construye la primera vez que hace falta.
_INTEGER_CASES = {
    "un modelo float32": False,
    "un modelo int8 de principio a fin": True,
    "un modelo de rango dinámico": False,
    "un modelo int8 por dentro, con entrada y salida float32": False,
    "un modelo con entrada y salida int8 y un seno flotante dentro": False,
    "un modelo float16": False,
}


@cache
def _integer_model(name: str) -> bytes:
    samples = np.random.default_rng(5).random((20, 8, 8, 1), dtype=np.float32)
    network = models.digits_cnn(filters=8, hidden=16)
    if "seno" in name:
        inputs = keras.Input((8, 8, 1))
        hidden = keras.layers.Flatten()(keras.ops.sin(keras.layers.Conv2D(4, 3)(inputs)))
        return _quantized(keras.Model(inputs, keras.layers.Dense(3)(hidden)), samples, tf.int8, strict=False)
    if "por dentro" in name:
        return _quantized(network, samples, tf.float32, strict=True)
    if "principio a fin" in name:
        return convert.convert(network, "int8", samples)
    return convert.convert(network, "dynamic" if "dinámico" in name else name.split()[-1])


def _quantized(network: keras.Model, samples: np.ndarray, io_type: tf.DType, strict: bool) -> bytes:
    """Cuantiza con opciones que `convert.convert` no ofrece, porque en el curso no convienen."""
    with tempfile.TemporaryDirectory() as folder:
        network.export(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = convert.representative_dataset(samples)
        if strict:
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = io_type
        return converter.convert()
