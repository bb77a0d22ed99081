"""Ejercicios de `decidir/proyecto`."""

from functools import cache

import numpy as np
from scipy import stats

from ligero._tensorflow import tf
from ligero.exercises import Trial, exercise

_SHAPE = (1, 48, 48, 3)


@exercise(
    "proyecto-1",
    asks="Escribe `preflight(content)`: la lista de lo que incumple una entrega, antes de entregarla.",
    first_hint="Empieza por lo que se ve sin intérprete: los bytes 4 a 7. Lo demás lo dicen `get_input_details()` y "
    "`get_output_details()`.",
)
def preflight(trial: Trial) -> str:
    """Revisa ficheros que incumplen una cosa, varias o ninguna."""
    for name, (content, expected, hint) in _files().items():
        got = trial.call(content, shown=name)
        trial.require(
            isinstance(got, list) and all(isinstance(item, str) for item in got),
            f"Con {name}, tu función devuelve {type(got).__name__} y se espera una lista de textos.",
            "Si no falla nada, la lista está vacía: `[]`.",
        )
        trial.require(got == expected, f"Con {name} tu función da {got} y es {expected}.", hint)
    return (
        "Tu revisión dice si la entrega se puede examinar; no dice si vale. ¿Qué comprobarías, con las fotos públicas, "
        "para no llevarte un disgusto con la escala de la entrada?"
    )


@cache
def _files() -> dict[str, tuple[bytes, list[str], str]]:
    def net(*shapes: tuple, outputs: tuple[int, ...] = (2,), extra: int = 0) -> bytes:
        padding = tf.constant(np.random.default_rng(0).normal(size=extra), tf.float32)

        @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32) for shape in shapes])
        def call(*inputs):
            total = tf.add_n([tf.reduce_sum(x) for x in inputs]) + (tf.reduce_sum(inputs[0][0, 0, 0, 0] * padding))
            return [tf.fill((1, n), total + k) for k, n in enumerate(outputs)]

        functions = [call.get_concrete_function()]
        return tf.lite.TFLiteConverter.from_concrete_functions(functions, tf.Module()).convert()

    gray, fill = (1, 48, 48, 1), (20_200 - len(net(_SHAPE, extra=1))) // 4
    return {
        "una entrega correcta": (net(_SHAPE), [], "Esta no incumple nada: una entrada, una salida de dos valores."),
        "una salida de un valor": (
            net(_SHAPE, outputs=(1,)),
            [],
            "El contrato admite una salida de dos valores o de uno.",
        ),
        "una página web": (
            b"<html>404</html>",
            ["fichero"],
            "No lleva «TFL3» en los bytes 4 a 7: no hay nada más que mirar.",
        ),
        "un fichero vacío": (
            b"",
            ["fichero"],
            "De un fichero vacío tampoco sale el identificador: devuelve `['fichero']`.",
        ),
        "una página web enorme": (
            b"<" * 30_000,
            ["fichero"],
            "Si no es un modelo, el tamaño da igual: solo `'fichero'`.",
        ),
        "un modelo cortado por la mitad": (
            net(_SHAPE)[:400],
            ["fichero"],
            "Lleva «TFL3» y aun así no se abre: `Interpreter` da un `ValueError` que hay que recoger.",
        ),
        "una red de 20 200 bytes": (
            net(_SHAPE, extra=fill),
            ["tamaño"],
            "El presupuesto son 20 000 bytes, y no 20 kibibytes, que serían 20 480.",
        ),
        "una red en grises": (net(gray), ["entrada"], "La entrada debe ser justo (1, 48, 48, 3)."),
        "dos entradas": (net(_SHAPE, _SHAPE), ["entrada"], "Cuenta las entradas: el contrato pide una."),
        "dos salidas": (net(_SHAPE, outputs=(2, 2)), ["salida"], "Cuenta las salidas: el contrato pide una."),
        "mil clases": (net(_SHAPE, outputs=(1000,)), ["salida"], "La salida tiene dos valores o uno, y aquí son mil."),
        "todo mal": (
            net(gray, outputs=(3,), extra=6000),
            ["tamaño", "entrada", "salida"],
            "Puede incumplir varias cosas: apúntalas todas, en el orden del enunciado.",
        ),
    }


@exercise(
    "proyecto-2",
    asks="Escribe `memorized(public_hits, fresh_hits, margin)`: si se puede asegurar que se sabe las fotos públicas.",
    first_hint="Las dos muestras son de fotos distintas: nada las empareja. ¿Cuánto vale el error típico de una resta?",
)
def memorized(trial: Trial) -> str:
    """Compara con casos alejados del borde, donde coinciden todos los intervalos razonables."""
    rng = np.random.default_rng(57)
    for (k, n), (m, total), margin, expected, hint in _GAPS:
        public, fresh = (np.arange(size) < right for right, size in ((k, n), (m, total)))
        rng.shuffle(public)
        rng.shuffle(fresh)
        kept = public.copy(), fresh.copy()
        where = f"{k} aciertos de {n} públicas, {m} de {total} nuevas y margen {margin}"
        got = trial.call(public, fresh, margin, shown=where)
        trial.require(
            isinstance(got, bool | np.bool_),
            f"Con {where}, tu función devuelve {type(got).__name__} y se espera `True` o `False`.",
            "Acaba con una comparación: la cota inferior de la diferencia, con el margen.",
        )
        trial.require(
            np.array_equal(public, kept[0]) and np.array_equal(fresh, kept[1]),
            "Tu función cambia los aciertos que recibe.",
            "Trabaja con medias o con copias: quien te llama aún los necesita.",
        )
        trial.require(bool(got) is expected, f"Con {where} respondes {bool(got)} y es {expected}.", hint)
    return (
        "Con el 95 % de confianza y cien entregas honradas, ¿a cuántas acusarías con margen 0? ¿Y con un margen de 5 "
        "puntos?"
    )


_SURE = "Hay diferencia de sobra, y el extremo inferior de su intervalo del 95 % pasa del margen. ¿En qué unidades va?"
_UNSURE = "La diferencia medida pasa del margen, pero con tan pocas fotos el intervalo llega más abajo. Mira su cota."
_GAPS = [
    ((300, 300), (520, 1000), 5.0, True, _SURE),
    ((270, 300), (900, 1000), 5.0, False, "No hay diferencia: no hay nada que asegurar."),
    ((30, 30), (90, 100), 5.0, False, _UNSURE),
    ((285, 300), (880, 1000), 5.0, False, _UNSURE),
    ((920, 1000), (880, 1000), 0.5, True, "Con tantas fotos basta. Que dos intervalos se toquen no quiere decir que la "
     "diferencia incluya el margen: calcula el de la diferencia."),
    ((500, 1000), (950, 1000), 5.0, False, "Aquí acierta más en las nuevas: eso no es saberse las públicas."),
    ((190, 200), (160, 200), 5.0, True, "Miden lo mismo por casualidad: son fotos distintas, sin parejas."),
    ((190, 200), (160, 200), 20.0, False, "El margen cuenta: aquí se toleran 20 puntos."),
    ((300, 300), (1000, 1000), 1.0, False, "Acierta todas en los dos sitios: no hay nada que asegurar."),
]  # fmt: skip


@exercise(
    "proyecto-3",
    asks="Escribe `luck(accuracy, images, tries)`: la exactitud que se espera de la mejor de `tries` veces.",
    first_hint="Los aciertos de un examen son binomiales. El mayor de varios es k o menos cuando lo son todos.",
)
def luck(trial: Trial) -> str:
    """Compara con la esperanza exacta del máximo de varias binomiales."""
    cases = [
        (0.9, 100, 1),
        (0.9, 100, 20),
        (0.5, 400, 50),
        (0.93, 1000, 1000),
        (0.75, 60, 10_000),
        (1.0, 80, 5),
        (0.6, 1, 3),
    ]
    for accuracy, images, tries in cases:
        where = f"exactitud {accuracy:g}, {images} fotos y {tries} intentos"
        got = trial.number(trial.call(accuracy, images, tries, shown=where), f"Con {where}")
        expected = _best(accuracy, images, tries)
        trial.require(
            abs(got - expected) <= 0.1 * max(0.01, expected - accuracy) + 0.001,
            f"Con {where} tu función da {got:.4g} y se espera {expected:.4f}.",
            _luck_hint(got, accuracy, images, tries),
        )
    return (
        "Con mil fotos, cien intentos regalan más de dos puntos a quien no ha mejorado nada. ¿Por qué una sal que solo "
        "sabe quien califica los quita todos de golpe?"
    )


def _best(accuracy: float, images: int, tries: int) -> float:
    return float((1 - stats.binom.cdf(np.arange(images), images, accuracy) ** tries).sum() / images)


def _luck_hint(got: float, accuracy: float, images: int, tries: int) -> str:
    if got > 1:
        return "Es una fracción de aciertos, de 0 a 1: ¿has dejado la cuenta de aciertos sin dividir, o va en %?"
    if tries > 1 and abs(got - accuracy) < 1e-3:
        return "Esa es la exactitud de un intento cualquiera, y se entrega el mejor de todos."
    if tries == 1:
        return "Con un solo intento no hay dónde elegir: se espera la exactitud de verdad."
    return (
        "La mejor vale k o menos con probabilidad F(k) elevada al número de intentos; la media sale de sumar 1 - eso."
    )


@exercise(
    "proyecto-4",
    asks="Escribe `suspicious(make, photos)`: si las respuestas dependen de algo que no sea la foto.",
    first_hint="`make()` da un modelo recién cargado. ¿Qué tiene que responder a una foto si se la enseñas más tarde?",
)
def suspicious(trial: Trial) -> str:
    """Prueba con modelos honrados y con otros que recuerdan, cuentan o tiran un dado."""
    photos = np.random.default_rng(11).integers(0, 256, (40, 6, 6), np.uint8)
    for name, (build, expected, hint) in _MODELS.items():
        kept, made = photos.copy(), []

        def make(build=build, made=made):
            made.append(build())
            return made[-1]

        got = trial.call(make, kept, shown=name)
        trial.require(
            isinstance(got, bool | np.bool_),
            f"Con {name}, tu función devuelve {type(got).__name__} y se espera `True` o `False`.",
            "Acaba comparando dos listas de respuestas a las mismas fotos.",
        )
        trial.require(
            np.array_equal(kept, photos), "Tu función cambia las fotos que recibe.", "Ordénalas en una copia."
        )
        trial.require(bool(got) is expected, f"Con {name} respondes {bool(got)} y es {expected}.", hint)
    return (
        "Un modelo que empezara a hacer trampa en la llamada número diez mil pasaría tu prueba. ¿Qué tiene que ocurrir "
        "en el examen para que eso le sirva de algo?"
    )


def _plain():
    return lambda photo: int(photo.astype(int).sum() % 2)


def _constant():
    return lambda photo: 0


def _cached():
    seen = {}
    return lambda photo: seen.setdefault(photo.tobytes(), int(photo[0, 0] > 100))


def _counter():
    calls = []
    return lambda photo: calls.append(1) or len(calls) % 2


def _halves():
    calls = []
    return lambda photo: calls.append(1) or int(len(calls) > 20)


def _remembers():
    last = [0]

    def answer(photo):
        value, last[0] = int(int(photo[0, 0]) + last[0] > 255), int(photo[0, 0])
        return value

    return answer


def _dice():
    rng = np.random.default_rng()
    return lambda photo: int(rng.integers(2))


def _middle_only():
    calls = []

    def answer(photo):
        calls.append(1)
        right = int(photo.astype(int).sum() % 2)
        return 1 - right if len(calls) in (12, 13, 14) else right

    return answer


_MODELS = {
    "un modelo que solo mira la foto": (
        _plain,
        False,
        "A la misma foto responde siempre igual: no hay nada sospechoso.",
    ),
    "un modelo que siempre dice gato": (
        _constant,
        False,
        "Es malo, pero no recuerda nada: eso lo castiga la exactitud.",
    ),
    "un modelo que guarda sus respuestas": (
        _cached,
        False,
        "Tiene memoria, pero no le cambia las respuestas: es honrado.",
    ),
    "un modelo que alterna": (
        _counter,
        True,
        "Cuenta las llamadas: recién cargado y en el mismo orden repite, y en otro orden dice los mismos gatos. Cambia "
        "las fotos de sitio y compara foto a foto.",
    ),
    "un modelo que dice gato la primera mitad": (
        _halves,
        True,
        "Responde lo mismo siempre que el orden sea el mismo, y tantos gatos como perros. Compara foto a foto.",
    ),
    "un modelo que mira la foto anterior": (
        _remembers,
        True,
        "Su respuesta depende de la foto anterior: dale otra anterior.",
    ),
    "un modelo que tira un dado": (_dice, True, "Ni siquiera repite con el mismo orden."),
    "un modelo que miente tres veces": (_middle_only, True, "Compara todas las fotos, no unas pocas ni la media."),
}
