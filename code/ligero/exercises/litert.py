"""Ejercicios de `reducir/litert`."""

import re
import textwrap
from functools import cache
from math import prod

import numpy as np
from ai_edge_litert.tools import flatbuffer_utils as fb
from ai_edge_quantizer import quantizer

from ligero import convert
from ligero._tensorflow import keras
from ligero.exercises import Trial, exercise
from ligero.inspection import profiler

_PROGRAMS = (
    (
        "el intérprete con otro nombre de TensorFlow",
        """
        import numpy as np
        import tensorflow as marco

        lector = marco.lite.Interpreter(model_path="red.tflite")
        lector.allocate_tensors()
        """,
        [4],
        "Quien lo escribió llamó de otra manera a TensorFlow. Fíjate en cómo acaba el nombre, no en cómo empieza.",
    ),
    (
        "un comentario y un texto que lo nombran",
        """
        # antes: runner = tf.lite.Interpreter("red.tflite")
        mensaje = "ya no usamos tf.lite.Interpreter"
        print(mensaje)
        from ai_edge_litert.interpreter import Interpreter
        runner = Interpreter("red.tflite")
        """,
        [],
        "Un comentario no se ejecuta y un texto tampoco; y el `Interpreter` de `ai_edge_litert` ya es el nuevo. Con "
        "`ast` solo ves código.",
    ),
    (
        "importaciones de `tensorflow.lite`",
        """
        from tensorflow.lite.python.interpreter import Interpreter
        from tensorflow.lite import TFLiteConverter, Interpreter as Old
        from tensorflow.lite import TFLiteConverter
        runner = Old("red.tflite")
        """,
        [1, 2],
        "Importar `Interpreter` de `tensorflow.lite`, o de un módulo suyo, cuenta aunque se le dé otro nombre; "
        "importar solo el convertidor, no.",
    ),
    (
        "importaciones de `tflite_runtime`",
        """
        import tflite_runtime.interpreter as tflite
        def abre(ruta):
            from tflite_runtime.interpreter import load_delegate
            return tflite.Interpreter(ruta, experimental_delegates=[load_delegate("x")])
        import tflite_runtime_helper
        """,
        [1, 3],
        "Cuenta cualquier importación de `tflite_runtime`, también dentro de una función; un módulo que solo empieza "
        "igual es otro.",
    ),
    (
        "dos usos en la misma línea y una clase heredada",
        """
        import tensorflow as tf
        class Medidor(tf.lite.Interpreter):
            pass
        par = tf.lite.Interpreter("a"), tf.lite.Interpreter("b")
        c = tf.lite.TFLiteConverter.from_saved_model("red")
        modo = tf.lite.Optimize.DEFAULT
        """,
        [2, 4],
        "Cada línea va una sola vez y en orden, se use como se use la clase. El convertidor y sus opciones se quedan.",
    ),
)


@exercise(
    "litert-1",
    asks="Escribe `old_calls(source)`: las líneas de un programa que hay que cambiar para dejar el intérprete antiguo.",
    first_hint="`ast.parse` convierte el texto en un árbol; recórrelo con `ast.walk` y mira `lineno`.",
)
def old_calls(trial: Trial) -> str:
    """Programas con nombres cambiados, comentarios y textos."""
    for where, source, expected, hint in _PROGRAMS:
        shown = f"un programa con {where}"
        got = trial.call(textwrap.dedent(source).lstrip("\n"), shown=shown)
        trial.require(
            isinstance(got, list),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una lista.",
            "Acaba con `return sorted(lineas)`.",
        )
        got = [trial.number(line, f"Con {shown}") for line in got]
        trial.require(got == expected, f"Con {shown}, tu función da {got} y es {expected}.", hint)
    return "Tu función encuentra el código de hoy. ¿Cómo evitarías que alguien lo vuelva a escribir mañana?"


@exercise(
    "litert-2",
    asks="Escribe `mixed_recipe(tflite, min_weights)`: 4 bits en las capas densas de ese tamaño o más; 8 en lo demás.",
    first_hint="Empieza por `recipe.dynamic_wi8_afp32()` y súmale una regla por cada capa densa grande.",
)
def mixed_recipe(trial: Trial) -> str:
    """Aplica la receta y mira los tipos de los pesos, no la receta."""
    model = _network()
    for min_weights in (640, 641, 10**6, 1):
        shown = f"`min_weights={min_weights}`"
        rules = trial.call(model, min_weights, shown=shown)
        trial.require(
            isinstance(rules, list) and all(isinstance(rule, dict) for rule in rules) and rules,
            f"Con {shown}, tu función devuelve {type(rules).__name__} y se espera una receta: una lista con reglas.",
            "`recipe.dynamic_wi8_afp32()` ya es una lista con una regla; devuelve esa lista con las que añadas.",
        )
        try:
            work = quantizer.Quantizer(model, rules)
            ready = not work.need_calibration
            result = bytes(work.quantize(enable_progress_report=False).quantized_model) if ready else b""
        except Exception as error:
            what = f"Con {shown}, el cuantizador no acepta tu receta (`{type(error).__name__}: {str(error)[:120]}`)."
            trial.reject(what, "Aplícala tú en una celda aparte, con `quantizer.Quantizer(modelo, receta).quantize()`.")
        trial.require(ready, f"Con {shown}, tu receta pide calibrar.", "Se pide dinámica: `dynamic_…`, no `static_…`.")
        for layer, kind, elements, got in _weights(model, result):
            expected = "INT4" if kind == "FULLY_CONNECTED" and elements >= min_weights else "INT8"
            trial.require(
                got == expected,
                f"Con {shown}, los pesos de «{layer}» ({kind}, {elements} elementos) quedan en {got} y deben ser "
                f"{expected}.",
                _recipe_hint(kind, elements, min_weights, got),
            )
    return "¿Cómo elegirías `min_weights` si el límite fuera de bytes y la exactitud no pudiera bajar de un valor?"


def _recipe_hint(kind: str, elements: int, min_weights: int, got: str) -> str:
    if got == "FLOAT32":
        return "Esa capa se ha quedado sin regla. Empieza por la de 8 bits para todos y añade después las de 4."
    if kind != "FULLY_CONNECTED":
        return "Las convoluciones se quedan en 8 bits: pon `operation_name` o una expresión que no las encuentre."
    if got == "INT4":
        return (
            "Esa capa no llega al tamaño. ¿Cuenta tu función los elementos del núcleo? ¿Encuentra tu expresión también "
            "a capas cuyo nombre empieza igual? Ciérrala por los dos lados."
        )
    return (
        "Esa capa llega al tamaño («o más» incluye el límite). Si tenía su regla, no se ha aplicado: manda la última "
        "que se cumple, y el nombre que se compara acaba en `;` y lleva caracteres que `re.escape` protege."
    )


@exercise(
    "litert-3",
    asks="Escribe `smallest_failure(tflite, fails)`: el primer operador, aislado, con que se reproduce el fallo.",
    first_hint="`profiler.isolate(grafo, i, valores)` da los bytes de un modelo con el operador `i` y nada más.",
)
def smallest_failure(trial: Trial) -> str:
    """Fallos que dependen de un tipo de operador, de su tamaño, de dos a la vez, o de ninguno."""
    model = _network()
    alone = [profiler.isolate(profiler.read(model), i, profiler.run(model)) for i in range(len(_operators(model)))]
    kinds = [kind for kind, _ in _operators(model)]
    pool, first, second = kinds.index("MAX_POOL_2D"), kinds.index("FULLY_CONNECTED"), kinds.index("FULLY_CONNECTED") + 1
    cases = (  # qué falla, cuándo y en qué operador (-1: en ninguno por sí solo)
        ("un fallo en cualquier capa densa", lambda found: "FULLY_CONNECTED" in dict(found), first),
        ("un fallo en el MAX_POOL_2D", lambda found: "MAX_POOL_2D" in dict(found), pool),
        ("un fallo en las capas densas de 640 pesos", lambda found: ("FULLY_CONNECTED", 640) in found, second),
        ("un fallo que necesita dos capas densas", lambda found: sum(k == "FULLY_CONNECTED" for k, _ in found) > 1, -1),
        ("un modelo que entero no falla", lambda found: len(found) == 1, -1),
    )
    for shown, broken, index in cases:
        calls: list[bytes] = []

        def fails(candidate, broken=broken, calls=calls):
            calls.append(bytes(candidate))
            return broken(_operators(bytes(candidate)))

        got = trial.call(model, fails, shown=shown)
        trial.require(
            isinstance(got, bytes),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se esperan bytes: los de un modelo.",
            "`profiler.isolate` ya devuelve bytes; si nada falla solo, devuelve `tflite`.",
        )
        expected = model if index < 0 else alone[index]
        trial.require(
            _operators(got) == _operators(expected) if got[4:8] == b"TFL3" else False,
            f"Con {shown}, tu modelo tiene {_describe(got)} y se espera {_describe(expected)}.",
            _failure_hint(index, calls, model),
        )
        trial.require(
            len(calls) == len(set(calls)),
            f"Con {shown}, llamas a `fails` dos veces con el mismo modelo.",
            "Guarda la respuesta la primera vez: en una placa de verdad, cada prueba puede costar minutos.",
        )
        limit = 1 + (index + 1 if index >= 0 else len(alone))
        trial.require(
            len(calls) <= limit,
            f"Con {shown}, llamas a `fails` {len(calls)} veces y bastan {limit}.",
            "En cuanto un operador falla, ya tienes la respuesta: devuélvela.",
        )
    return "Si el fallo necesita dos operadores seguidos, ¿cómo aislarías un tramo? ¿Cuántos tramos habría que probar?"


def _failure_hint(index: int, calls: list[bytes], model: bytes) -> str:
    if not calls:
        return "No has llamado a `fails` ni una vez. Pregunta por el modelo entero y después por sus operadores."
    if model not in calls:
        return (
            "No has preguntado si falla el modelo entero. Un operador puede fallar aislado y no dentro de su red: "
            "sería una pista falsa."
        )
    if index < 0:
        return "Si ningún operador falla por sí solo, o la red no falla, la respuesta es el modelo tal cual."
    return "Prueba los operadores en el orden del grafo, todos, y devuelve el primero con que `fails` dice que sí."


@cache
def _network() -> bytes:
    """Capas cuyos nombres son unos el principio de otros, y dos densas justo en el límite."""
    keras.utils.set_random_seed(3)
    layers = keras.layers
    network = keras.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(8, 3, activation="relu", name="capa"),
            layers.MaxPooling2D(name="maximo"),
            layers.Flatten(name="plano"),
            layers.Dense(32, activation="relu", name="densa_1"),
            layers.Dense(20, activation="relu", name="densa_10"),
            layers.Dense(9, activation="relu", name="densa_1b"),
            layers.Dense(4, name="densa"),
        ]
    )
    return convert.convert(network, "float32")


@cache
def _operators(model: bytes) -> list[tuple[str, int]]:
    """Nombre y elementos del núcleo de cada operador (0 si no lo tiene)."""
    graph = fb.read_model_from_bytearray(bytearray(model))
    part, found = graph.subgraphs[0], []
    for operator in part.operators:
        kind = profiler.name(graph, operator)
        kernel = part.tensors[operator.inputs[1]].shape if kind in ("CONV_2D", "FULLY_CONNECTED") else [0]
        found.append((kind, int(prod(kernel))))
    return found


def _weights(model: bytes, quantized: bytes) -> list[tuple[str, str, int, str]]:
    """Nombre corto, operador, elementos y tipo del núcleo de cada capa, en el modelo ya cuantizado."""
    graph = fb.read_model_from_bytearray(bytearray(quantized))
    part, found = graph.subgraphs[0], []
    for operator in part.operators:
        kind = profiler.name(graph, operator)
        if kind in ("CONV_2D", "FULLY_CONNECTED"):
            kernel = part.tensors[operator.inputs[1]]
            name = re.search(r"(capa|densa\w*)(?=/)", kernel.name.decode())
            label = name[1] if name else "la última"
            found.append((label, kind, int(np.prod(kernel.shape)), fb.type_to_name(kernel.type)))
    return found


def _describe(model: bytes) -> str:
    if model[4:8] != b"TFL3":
        return "algo que no es un `.tflite`"
    found = _operators(model)
    return (
        f"solo {found[0][0]}" + f" de {found[0][1]} pesos" * (found[0][1] > 0)
        if len(found) == 1
        else (f"{len(found)} operadores")
    )
