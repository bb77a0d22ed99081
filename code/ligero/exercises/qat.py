"""Ejercicios de `reducir/qat`."""

import warnings

import numpy as np

from ligero import measure
from ligero._tensorflow import tf
from ligero.exercises import Trial, exercise


@exercise(
    "qat-1",
    asks="Escribe `learned_range(batches, decay)`: el par `(mínimo, máximo)` que aprende un nodo falso.",
    first_hint="El primer lote pone los dos extremos; cada uno de los siguientes los mueve un poco.",
)
def learned_range(trial: Trial) -> str:
    """Compara con la media móvil exacta, en lotes de varios tamaños, con picos y sin cero."""
    rng = np.random.default_rng(53)
    spike = [rng.uniform(0, 1, (32, 4)) for _ in range(12)]
    spike[5][3, 2] = 40.0
    cases = [
        ([np.array([-1.0, 3.0])], 0.9, "un solo lote"),
        ([np.array([-1.0, 3.0]), np.array([-2.0, 5.0])], 0.75, "dos lotes"),
        (spike, 0.9, "un pico en el sexto de doce lotes"),
        ([rng.uniform(2, 6, (8, 3)) for _ in range(5)], 0.5, "activaciones entre 2 y 6"),
        ([rng.uniform(-6, -2, n) for n in (5, 50, 9)], 0.6, "activaciones entre −6 y −2, en lotes desiguales"),
    ]
    for batches, decay, shown in cases:
        sent = [batch.copy() for batch in batches]
        got = trial.call(sent, decay, shown=shown)
        trial.require(
            all(np.array_equal(a, b) for a, b in zip(sent, batches, strict=True)),
            f"Con {shown}, tu función cambia los lotes que recibe.",
            "Calcula con copias: quien te llama va a usar esos lotes después.",
        )
        trial.require(
            isinstance(got, tuple | list | np.ndarray) and len(got) == 2,
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera un par.",
            "Acaba con `return minimo, maximo`.",
        )
        low, high = (trial.number(value, f"Con {shown}") for value in got)
        expected = _learned_range(batches, decay)
        trial.require(
            np.allclose((low, high), expected, rtol=1e-5, atol=1e-6),
            f"Con {shown} y decay={decay}, das ({low:.4g}, {high:.4g}) y es ({expected[0]:.4g}, {expected[1]:.4g}).",
            _range_hint(batches, decay, (low, high)),
        )
    return (
        "Un pico suelto apenas ensancha este rango, y el de mín–máx se quedaría con él para siempre. ¿Cuándo "
        "preferirías que el pico contara?"
    )


def _moving(batches: list, decay: float) -> tuple[float, float]:
    low, high = float(np.min(batches[0])), float(np.max(batches[0]))
    for batch in batches[1:]:
        low = decay * low + (1 - decay) * float(np.min(batch))
        high = decay * high + (1 - decay) * float(np.max(batch))
    return low, high


def _learned_range(batches: list, decay: float) -> tuple[float, float]:
    low, high = _moving(batches, decay)
    return min(low, 0.0), max(high, 0.0)


def _range_hint(batches: list, decay: float, got: tuple[float, float]) -> str:
    if np.allclose(got, _moving(batches, decay)):
        return "El cero tiene que caber: si el rango no lo contiene, se alarga hasta él."
    if np.allclose(got, _learned_range(batches, 1 - decay)):
        return "Has cambiado los papeles: `decay` es lo que se conserva del rango anterior."
    everything = np.concatenate([np.ravel(batch) for batch in batches])
    if np.allclose(got, (min(everything.min(), 0), max(everything.max(), 0))):
        return "Eso es el mínimo y el máximo de todo lo visto. Aquí cada lote solo mueve el rango un poco: 1 − `decay`."
    return "Extremo nuevo = decay · extremo anterior + (1 − decay) · extremo del lote; el primer lote lo fija."


@exercise(
    "qat-2",
    asks="Escribe `clipped_fake_quant(x, low, high, bits)`: un nodo falso de rango fijo, con su gradiente.",
    first_hint="Recorta primero y redondea después. ¿Qué gradiente tiene un valor que se ha recortado?",
)
def clipped_fake_quant(trial: Trial) -> str:
    """Mira los valores y el gradiente, dentro y fuera del rango, con varios anchos."""
    rng = np.random.default_rng(67)
    for low, high, bits in ((0.0, 6.0, 8), (-1.0, 1.0, 3), (0.0, 1.5, 2), (-2.0, 0.5, 4)):
        width, shown = high - low, f"low={low:g}, high={high:g} y {bits} bits"
        x = rng.uniform(low - width / 2, high + width / 2, (5, 7)).astype(np.float32)
        weights = rng.normal(size=x.shape).astype(np.float32)
        tensor = tf.Variable(x)

        def both(tensor=tensor, weights=weights, low=low, high=high, bits=bits):
            with tf.GradientTape() as tape:
                y = trial.answer(tensor, low, high, bits)
                if y is None or not isinstance(y, tf.Tensor):
                    return y, None
                total = tf.reduce_sum(weights * y)
            return y, tape.gradient(total, tensor)

        if not callable(trial.answer):
            trial.call(shown=shown)
        y, gradient = trial.run(both, f" con {shown}")
        if y is None:
            trial.run(lambda: None)
        trial.require(
            isinstance(y, tf.Tensor) and y.shape == x.shape and y.dtype == tf.float32,
            f"Con {shown}, se espera un tensor float32 de forma {x.shape} y tu función da {_kind(y)}.",
            "Trabaja con operaciones de TensorFlow (`tf.round`, `tf.clip_by_value`): NumPy corta el gradiente.",
        )
        step = width / (2**bits - 1)
        inside = (x > low) & (x < high)
        expected = low + np.round((np.clip(x, low, high) - low) / step) * step
        wrong = np.abs(y.numpy() - expected) > 1e-3 * step + 1e-5
        # Si también falla dentro del rango, el error no está en el recorte.
        shown_first = wrong & inside if (wrong & inside).any() else wrong
        where = tuple(np.argwhere(shown_first)[0]) if wrong.any() else (0, 0)
        trial.require(
            not wrong.any(),
            f"Con {shown}, {x[where]:.4f} se convierte en {y.numpy()[where]:.4f} y debería ser {expected[where]:.4f}.",
            "Hay 2^bits valores a pasos iguales: el primero es `low` y el último, `high`."
            if inside[where]
            else "Lo que se sale se queda en el extremo: recórtalo con `tf.clip_by_value` antes de redondear.",
        )
        trial.require(
            gradient is not None,
            f"Con {shown}, los valores están bien, pero el gradiente es `None`: `tf.round` lo ha cortado.",
            "Suma a un valor con gradiente la corrección del redondeo, y que a esta no le llegue: `tf.stop_gradient`.",
        )
        wrong = np.abs(np.asarray(gradient) - weights * inside) > 1e-4
        where = tuple(np.argwhere(wrong)[0]) if wrong.any() else (0, 0)
        trial.require(
            not wrong.any(),
            f"Con {shown}, la derivada en {x[where]:.4f} es {np.asarray(gradient)[where] / weights[where]:.3g} y se "
            f"espera {int(inside[where])}.",
            "Dentro del rango el gradiente pasa tal cual, como si no hubiera redondeo."
            if inside[where]
            else "Fuera del rango el valor no influye en la salida: su derivada es 0. El camino con gradiente es el "
            "recortado, no `x`.",
        )
    return (
        "Es lo que hace `tf.quantization.fake_quant_with_min_max_args`. Si un peso se sale y su gradiente es 0, ¿cómo "
        "vuelve a entrar?"
    )


def _kind(value: object) -> str:
    if isinstance(value, tf.Tensor):
        return f"uno {value.dtype.name} de forma {tuple(value.shape)}"
    return type(value).__name__


@exercise(
    "qat-3",
    asks="Escribe `annotate_except(model, skip)`: el modelo para QAT que deja sin anotar las capas de `skip`.",
    first_hint="`keras.models.clone_model` acepta `clone_function`: recibe cada capa y devuelve lo que va en su sitio.",
)
def annotate_except(trial: Trial) -> str:
    """Mira qué capas quedan envueltas, que los pesos sean los del original y que este no cambie."""
    with warnings.catch_warnings():  # al importarse, tfmot consulta distutils, que avisa
        warnings.simplefilter("ignore", DeprecationWarning)
        import tensorflow_model_optimization as tfmot  # aquí, para que las demás páginas no lo carguen
    import tf_keras as keras

    for skip in ({"salida"}, {"entrada_densa", "salida"}, set()):
        keras.utils.set_random_seed(11)
        model = keras.Sequential(
            [
                keras.layers.Input((6,), name="x"),
                keras.layers.Dense(5, activation="relu", name="entrada_densa"),
                keras.layers.Dense(4, activation="relu", name="media"),
                keras.layers.Dense(3, name="salida"),
            ]
        )
        # Unos pesos que ninguna inicialización puede repetir por casualidad.
        rng = np.random.default_rng(11)
        model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
        before = [weight.copy() for weight in model.get_weights()]
        shown = f"skip={sorted(skip)}" if skip else "skip vacío"
        got = trial.call(model, set(skip), shown=shown)
        trial.require(
            isinstance(got, keras.Model),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera un modelo de `tf_keras`.",
            "Devuelve lo que da `quantize_apply`.",
        )
        trial.require(
            all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)),
            f"Con {shown}, tu función cambia los pesos del modelo que recibe.",
            "No entrenes: solo se pide preparar el modelo.",
        )
        wrapper = tfmot.quantization.keras.QuantizeWrapperV2
        nodes = [layer for layer in got.layers if isinstance(layer, wrapper)]
        # A una capa sin anotar que alimenta a otra anotada, tfmot le pone un nodo solo en la salida.
        wrapped = {n.layer.name for n in nodes if type(n.quantize_config).__name__ != "OutputOnlyConfig"}
        names = {layer.name for layer in [*got.layers, *(n.layer for n in nodes)]}
        annotated = any("Annotate" in type(layer).__name__ for layer in got.layers)
        trial.require(
            not annotated,
            f"Con {shown}, las capas están anotadas, pero sin nodos falsos.",
            "Anotar solo pone una marca: falta `quantize_apply`.",
        )
        expected = {"entrada_densa", "media", "salida"} - skip
        trial.require(
            wrapped == expected,
            f"Con {shown}, llevan nodos falsos {sorted(wrapped) or 'ninguna'}; deberían llevarlos {sorted(expected)}.",
            "Devuelve la capa tal cual si su nombre está en `skip`, y anotada si no está.",
        )
        trial.require(
            skip <= names,
            f"Con {shown}, falta alguna de las capas sin anotar: quedan {sorted(names)}.",
            "Sin anotar no es sin poner: la capa sigue en el modelo.",
        )
        kernels = [weight for weight in got.get_weights() if weight.ndim == 2]
        originals = [weight for weight in before if weight.ndim == 2]
        same = len(kernels) == 3 and all(any(np.array_equal(a, b) for b in kernels) for a in originals)
        trial.require(
            same,
            f"Con {shown}, los núcleos no son los del modelo entrenado.",
            "`clone_model` estrena los pesos: cópialos con `set_weights` antes de `quantize_apply`.",
        )
    return (
        "Cada capa sin anotar es una capa en float32, y dos conversiones en sus fronteras. ¿Qué le dirías a quien pide "
        "dejar fuera la primera y la última «por si acaso», si el aparato solo sabe de enteros?"
    )


@exercise(
    "qat-4",
    asks='Escribe `choose(hits, max_loss, int16)`: la variante entera que cumple y menos exige, o `"ninguna"`.',
    first_hint="Ordena las candidatas por lo que exigen y mira, de cada una, la cota inferior frente a float32.",
)
def choose(trial: Trial) -> str:
    """Pone pérdidas claras, pérdidas que no se pueden descartar y un reentrenamiento que bastaba."""
    cases = [
        ("int8 ya cumple", {"int8": -2, "int16x8": 0, "int8_reajustado": 0, "qat": 3}, 1797, 1.0, True),
        ("int8 pierde y hay 16x8", {"int8": -90, "int16x8": 0, "int8_reajustado": -60, "qat": 0}, 1797, 1.0, True),
        ("lo mismo sin 16x8", {"int8": -90, "int16x8": 0, "int8_reajustado": -60, "qat": 0}, 1797, 1.0, False),
        ("bastaba reajustar", {"int8": -90, "int16x8": 0, "int8_reajustado": -1, "qat": 5}, 1797, 1.0, False),
        ("nada cumple", {"int8": -90, "int16x8": -80, "int8_reajustado": -70, "qat": -60}, 1797, 1.0, True),
        ("pocas pruebas", {"int8": 0, "int16x8": 0, "int8_reajustado": 0, "qat": 0}, 60, 1.0, True),
        ("un margen más ancho", {"int8": -30, "int16x8": 0, "int8_reajustado": 0, "qat": 0}, 1797, 4.0, True),
    ]
    for shown, changes, n, max_loss, int16 in cases:
        hits = _hits(changes, n)
        got = trial.text(
            trial.call({k: v.copy() for k, v in hits.items()}, max_loss, int16, shown=shown), f"Con «{shown}»"
        )
        expected = _choose(hits, max_loss, int16)
        lows = {k: measure.paired_difference(v, hits["float32"]).low for k, v in hits.items() if k != "float32"}
        trial.require(
            got == expected,
            f"Con «{shown}» ({n} pruebas, margen de {max_loss:g} puntos, int16 {'sí' if int16 else 'no'}) das «{got}» "
            f"y es «{expected}». Cotas inferiores: {', '.join(f'{k} {v:.2f}' for k, v in lows.items())}.",
            _choose_hint(got, lows, max_loss, int16),
        )
    return "QAT pide datos, etiquetas, tiempo y otro Keras. ¿Cuánto tendría que ganar para elegirlo sin necesitarlo?"


_ORDER = ("int8", "int16x8", "int8_reajustado", "qat")


def _hits(changes: dict[str, int], n: int) -> dict[str, np.ndarray]:
    """Aciertos en que cada variante gana (o pierde, si es negativo) ese número de ejemplos respecto a float32."""
    base = np.arange(n) >= n // 20
    hits = {"float32": base}
    for name, change in changes.items():
        flipped = base.copy()
        flipped[np.flatnonzero(base if change < 0 else ~base)[: abs(change)]] = change > 0
        hits[name] = flipped
    return hits


def _choose(hits: dict[str, np.ndarray], max_loss: float, int16: bool) -> str:
    for name in _ORDER:
        if (int16 or name != "int16x8") and measure.paired_difference(hits[name], hits["float32"]).low > -max_loss:
            return name
    return "ninguna"


def _choose_hint(got: str, lows: dict[str, float], max_loss: float, int16: bool) -> str:
    if got == "int16x8" and not int16:
        return "Ese aparato no ejecuta activaciones de 16 bits: 16x8 no es candidata."
    if got in lows and lows[got] <= -max_loss:
        return "De esa variante no se puede asegurar que no pierda el margen: mira la cota inferior, no la diferencia."
    if got == "ninguna":
        return "Hay una candidata cuya cota inferior queda por encima del margen, con el signo cambiado."
    return "Cumple, pero otra que exige menos también: el orden es int8, int16x8, int8_reajustado y qat."
