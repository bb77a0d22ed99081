"""Ejercicios de `preparar/portabilidad`."""

import pickle
from collections import Counter, OrderedDict
from fractions import Fraction

import numpy as np

from ligero.exercises import Trial, exercise


@exercise(
    "porta-1",
    asks="Escribe `relative_error(reference, candidate)`; devuelve infinito si las salidas no se pueden comparar.",
    first_hint="¿Qué hace NumPy al restar un array de forma (5, 3) y otro de forma (3,)? ¿Y al restar NaN?",
)
def relative_error(trial: Trial) -> str:
    """Pone salidas desplazadas, de otra forma, con NaN y constantes."""
    rng = np.random.default_rng(17)
    reference = (100 * rng.normal(size=(6, 3))).astype(np.float32)
    damaged = reference.copy()
    damaged[2, 1] = np.nan
    scale = float(np.abs(reference).max())
    cases = (
        ("la misma salida", reference, 0.0, "Si nada cambia, el error es cero."),
        ("otra forma que NumPy acepta al restar", reference[0], np.inf, "Compara antes las formas (`shape`)."),
        ("un NaN", damaged, np.inf, "Comprueba con `np.isfinite` que todo es un número."),
        ("una salida desplazada 0.5", reference - 0.5, 0.5 / scale, "Divide por el mayor valor absoluto del original."),
        ("una salida constante", 0 * reference, 1.0, "Toma el valor absoluto de la diferencia y su máximo."),
    )
    for shown, candidate, expected, hint in cases:
        got = trial.call(reference.copy(), candidate.copy(), shown=shown)
        infinite = isinstance(got, float | np.floating) and np.isposinf(got)
        value = np.inf if infinite else trial.number(got, f"Con {shown}")
        same = value == expected or abs(value - expected) <= 1e-4
        trial.require(same, f"Con {shown} tu función da {value:.4g} y se espera {expected:.4g}.", hint)
    return "¿Qué dirías si el original diera siempre cero? Dividir por su escala ya no serviría."


@exercise(
    "porta-2",
    asks="Escribe `missing_step(reference, candidate, x, steps)`: el nombre del paso que se quedó fuera.",
    first_hint="Aplica cada paso a `x` antes de llamar a `candidate`, y compara con `reference(x)`.",
)
def missing_step(trial: Trial) -> str:
    """Exporta a propósito modelos sin un paso, sin ninguno que falte y con otra avería."""
    rng = np.random.default_rng(23)
    weights = rng.normal(size=(4, 3))
    x = rng.uniform(0, 255, size=(40, 4))
    steps = {"dividir": lambda a: a / 255, "centrar": lambda a: a / 127.5 - 1, "invertir": lambda a: 255 - a}

    def network(a):
        return np.maximum(a @ weights, 0)

    for expected in ("centrar", "dividir", "ninguno", "invertir", "otro"):
        before = steps.get(expected, lambda a: a)

        def reference(a, before=before):
            return network(before(a))

        def candidate(a, expected=expected):
            return network(a) * (1 + 1e-6) + (7 if expected == "otro" else 0)

        shown = {"ninguno": "un modelo bien exportado", "otro": "un modelo con otra avería"}.get(
            expected, f"un modelo sin «{expected}»"
        )
        got = trial.text(trial.call(reference, candidate, x.copy(), dict(steps), shown=shown), f"Con {shown}")
        trial.require(
            got == expected,
            f"Con {shown} respondes «{got}».",
            {
                "ninguno": "Compara primero sin aplicar nada, y con tolerancia: 1e-4 de la escala.",
                "otro": "Si ningún paso devuelve la paridad, la respuesta es «otro»: el menos malo no basta.",
            }.get(expected, "Prueba todos los pasos: no des por hecho cuál falta."),
        )
    return "¿Y si faltan dos pasos? El orden en que se aplican también importa."


@exercise(
    "porta-3",
    asks="Escribe `safe_loads(data, allowed)`: carga un pickle que solo puede nombrar lo que está en `allowed`.",
    first_hint="Hereda de `pickle.Unpickler` y redefine `find_class(module, name)`.",
)
def safe_loads(trial: Trial) -> str:
    """Ofrece pickles inocentes, uno que llama a una función prohibida y uno que la esconde tras lo permitido."""
    ran = []
    _MARKS[:] = []
    allowed = {("collections", "OrderedDict"), ("fractions", "Fraction")}
    for value in ({"a": [1, 2.5]}, OrderedDict(z=1, a=2), Fraction(3, 7)):
        shown = f"un {type(value).__name__}"
        got = trial.call(pickle.dumps(value), set(allowed), shown=shown)
        trial.require(
            type(got) is type(value) and got == value,
            f"Con {shown} no devuelves el mismo objeto.",
            "Lo que está en `allowed` lo busca `super().find_class(module, name)`.",
        )
    for value, shown in ((_Payload(), "un pickle que ejecuta código"), (Counter("aab"), "un `Counter`, no permitido")):
        data = pickle.dumps([OrderedDict(a=1), value])

        def attempt(data=data):
            try:
                return ("cargado", _untrusted(trial, data, allowed))
            except pickle.UnpicklingError:
                return ("rechazado", None)

        outcome = trial.run(attempt, f" con {shown}")[0]
        ran += _MARKS
        trial.require(
            not ran,
            f"Con {shown}, su código se ha ejecutado.",
            "Mirar el resultado después es tarde: decide en `find_class`, antes de que exista el objeto.",
        )
        trial.require(
            outcome == "rechazado",
            f"Con {shown}, tu función lo carga.",
            "Exige el par (módulo, nombre) completo y lanza `pickle.UnpicklingError` si no está en `allowed`.",
        )
    return "¿Qué pasaría si alguien añadiera `builtins.eval` a la lista? La lista es tan segura como lo que permite."


def _untrusted(trial: Trial, data: bytes, allowed: set) -> object:
    return trial.answer(data, set(allowed))


_MARKS: list[str] = []


def _mark(text: str) -> str:
    _MARKS.append(text)
    return text


class _Payload:
    def __reduce__(self) -> tuple:
        return _mark, ("ejecutado",)


@exercise(
    "porta-4",
    asks="Escribe `choose_format(formats, reader, untrusted, raw_input)`: el primer formato que cumple todo.",
    first_hint="Descarta por cada condición; el orden de la lista es el de preferencia.",
)
def choose_format(trial: Trial) -> str:
    """Cambia el orden, los lectores y las condiciones."""
    rng = np.random.default_rng(5)
    readers = ("Python", "C++", "Java", "Swift")
    for number in range(24):
        formats = [
            {
                "name": f"formato {i}",
                "readers": [r for r in readers if rng.random() < 0.6],
                "runs_code": bool(rng.random() < 0.4),
                "preprocessing": bool(rng.random() < 0.6),
            }
            for i in range(6)
        ]
        reader, untrusted, raw = readers[number % 4], bool(number % 2), bool(number % 3)
        expected = next(
            (
                f["name"]
                for f in formats
                if reader in f["readers"] and not (untrusted and f["runs_code"]) and (f["preprocessing"] or not raw)
            ),
            "ninguno",
        )
        shown = f"{reader}, origen ajeno: {untrusted}, entrada cruda: {raw}"
        got = trial.text(trial.call(formats, reader, untrusted, raw, shown=shown), f"Con {shown}")
        chosen = next((f for f in formats if f["name"] == got), None)
        if chosen is None:
            hint = "Si ninguno cumple, «ninguno»; si alguno cumple, su nombre."
        elif reader not in chosen["readers"]:
            hint = "El que lo ejecuta tiene que saber leerlo: mira `readers`."
        elif untrusted and chosen["runs_code"]:
            hint = "Viene de fuera: no puede ejecutar código al cargarse."
        elif raw and not chosen["preprocessing"]:
            hint = "La entrada llega cruda: el preprocesado tiene que viajar dentro."
        else:
            hint = "Cumple, pero hay otro antes en la lista: no exijas más de lo que se pide."
        trial.require(got == expected, f"Con {shown} respondes «{got}» y es «{expected}».", hint)
    return "¿Qué condición añadirías para un teléfono? Casi siempre, los bytes y los operadores que admite."
