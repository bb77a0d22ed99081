"""El motor de los ejercicios: `check` responde siempre con una explicación, nunca con un error de Python.

Cada página tiene aquí su módulo, con una función por ejercicio que recibe un `Trial`, llama a la respuesta con datos
que el cuaderno no enseña y dice qué falla y por dónde seguir.
"""

import ctypes
import importlib
import pkgutil
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import isfinite
from numbers import Real
from typing import Any

PENDING, WRONG, RIGHT = "pendiente", "incorrecto", "correcto"
_LOOKS = {PENDING: ("Pendiente", "note"), WRONG: ("Todavía no", "warning"), RIGHT: ("Correcto", "tip")}


@dataclass(frozen=True)
class Feedback:
    """La respuesta de `check`: `status` es `pendiente`, `incorrecto` o `correcto`."""

    exercise: str
    status: str
    message: str

    def __str__(self) -> str:
        """Devuelve la respuesta como texto."""
        return f"{_LOOKS[self.status][0]} ({self.exercise}). {self.message}"

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        title, look = _LOOKS[self.status]
        heading = f'<p class="admonition-title"><strong>{title} · {self.exercise}</strong></p>'
        return f'<div class="admonition {look}">\n{heading}\n\n{self.message}\n\n</div>'


@dataclass(frozen=True)
class Exercise:
    """Un ejercicio: lo que se pide, la primera pista y la función que lo corrige."""

    id: str
    page: str
    asks: str
    first_hint: str
    grade: Callable[["Trial"], str]


class _Rejected(Exception):
    """Corta la corrección; lleva el estado y el mensaje que verá quien estudia."""


class Trial:
    """Una respuesta puesta a prueba."""

    def __init__(self, answer: Any, seconds: float):  # noqa: D107
        self.answer = answer
        self._seconds = seconds

    def call(self, *arguments: Any, shown: str = "") -> Any:
        """Llama a la respuesta con `arguments` y devuelve lo que dé; `shown` describe la llamada en los mensajes."""
        where = f" con {shown}" if shown else ""
        if not callable(self.answer):
            self.reject(
                f"Se esperaba una función y has pasado {type(self.answer).__name__}.",
                "Pasa la función sin paréntesis: `check(…, mi_funcion)`, no `mi_funcion(…)`.",
            )
        return self.run(lambda: self.answer(*arguments), where)

    def run(self, work: Callable[[], Any], where: str = "") -> Any:
        """Ejecuta `work`, que llama a código de quien estudia, con límite de tiempo y sin dejar escapar errores."""
        outcome: dict[str, Any] = {}

        def target() -> None:
            try:
                outcome["value"] = work()
            except BaseException as error:  # un sys.exit() en la respuesta tampoco debe cerrar el cuaderno
                outcome["error"] = error

        # Un hilo y no una señal: SIGALRM no existe en Windows ni funciona fuera del hilo principal.
        (worker := threading.Thread(target=target, daemon=True)).start()
        worker.join(self._seconds)
        if worker.is_alive():
            # Un bucle de Python se detiene en la instrucción siguiente.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.ident), ctypes.py_object(SystemExit))
            hint = "¿Hay un bucle sin salida, o se repite un trabajo que bastaba hacer una vez?"
            self.reject(f"Tu función no ha terminado en {self._seconds:g} s{where}.", hint)
        error = outcome.get("error")
        if isinstance(error, NotImplementedError):
            raise _Rejected(PENDING, "")
        if error is not None:
            hint = "Llámala tú con esos datos en una celda aparte y mira en qué línea ocurre."
            self.reject(f"Tu función se detiene{where} con `{_text(error)}`.", hint)
        if outcome["value"] is None or outcome["value"] is ...:
            raise _Rejected(PENDING, "Si ya la has escrito, le falta el `return`: ahora mismo devuelve `None`.")
        return outcome["value"]

    def number(self, value: Any, where: str) -> int | float:
        """Devuelve `value` como `int` o `float` corrientes si es un número finito; si no, lo explica."""
        if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
            got = value if isinstance(value, float) else type(value).__name__
            hint = "Devuelve un solo número, sin texto ni unidades, y vigila las divisiones por cero."
            self.reject(f"{where}, tu función devuelve {got} y se espera un número.", hint)
        return int.__int__(value) if isinstance(value, int) else float(value)

    def text(self, value: Any, where: str) -> str:
        """Devuelve `value` como cadena corriente; si no lo es, lo explica."""
        if type(value) is not str:
            what = f"{where}, tu función devuelve {type(value).__name__} y se espera un texto."
            self.reject(what, "Devuelve una cadena, entre comillas.")
        return value

    def require(self, condition: bool, what: str, hint: str) -> None:
        """Sigue si `condition` se cumple; si no, la respuesta es incorrecta por `what`, y `hint` orienta."""
        if not condition:
            self.reject(what, hint)

    def reject(self, what: str, hint: str) -> None:
        """Acaba la corrección: la respuesta es incorrecta."""
        raise _Rejected(WRONG, f"{what}\n\n*Pista.* {hint}")


_EXERCISES: dict[str, Exercise] = {}
_UNAVAILABLE: dict[str, str] = {}  # página → paquete que le falta; en Colab no están todos


def exercise(exercise_id: str, *, asks: str, first_hint: str) -> Callable[[Callable[[Trial], str]], Exercise]:
    """Registra un ejercicio.

    La función decorada corrige un `Trial` y devuelve, si todo va bien, una idea en que pensar.

    Raises:
        ValueError: Si el identificador ya existe en otra página.
    """

    def register(grade: Callable[[Trial], str]) -> Exercise:
        page = grade.__module__.rsplit(".", 1)[-1]
        if exercise_id in _EXERCISES and _EXERCISES[exercise_id].page != page:
            raise ValueError(f"El ejercicio «{exercise_id}» ya existe en otra página: elige otro identificador.")
        _EXERCISES[exercise_id] = Exercise(exercise_id, page, asks, first_hint, grade)
        return _EXERCISES[exercise_id]

    return register


@cache
def catalogue() -> dict[str, Exercise]:
    """Todos los ejercicios del curso: identificador → `Exercise`."""
    for module in pkgutil.iter_modules(__path__):
        try:
            importlib.import_module(f"{__name__}.{module.name}")
        except ModuleNotFoundError as error:  # que una página pida un paquete no deja sin ejercicios a las demás
            _UNAVAILABLE[module.name] = str(error.name)
    return _EXERCISES


def check(exercise_id: str, answer: Any, *, seconds: float = 5.0) -> Feedback:
    """Corrige una respuesta con datos que el cuaderno no enseña.

    Args:
        exercise_id: Identificador del ejercicio.
        answer: La respuesta, casi siempre una función.
        seconds: Límite de tiempo de cada llamada a la respuesta.

    Returns:
        `Feedback`; en Jupyter se ve como un recuadro.

    Example:
        >>> check("quant-0", print)
        Todavía no (quant-0). No hay ningún ejercicio «quant-0». ¿Es una errata? Los que hay: ...
    """
    known = catalogue()
    if not isinstance(exercise_id, str) or exercise_id not in known:
        message = f"No hay ningún ejercicio «{exercise_id}». ¿Es una errata? Los que hay: {', '.join(sorted(known))}."
        for page, package in _UNAVAILABLE.items():
            message += f"\n\nLos de «{page}» necesitan `{package}`: instálalo con `%pip install {package}`."
        return Feedback(str(exercise_id), WRONG, message)
    if isinstance(seconds, bool) or not isinstance(seconds, Real) or not 0 < seconds <= 3600:
        return Feedback(exercise_id, WRONG, "`seconds` debe ser un número de segundos mayor que cero, hasta 3600.")
    task = known[exercise_id]
    pending = f"{task.asks}\n\n*Primera pista.* {task.first_hint}"
    if answer is None or answer is ...:
        return Feedback(exercise_id, PENDING, pending)
    try:
        return Feedback(exercise_id, RIGHT, f"**Para pensar.** {task.grade(Trial(answer, seconds))}")
    except _Rejected as verdict:
        status, message = verdict.args
        return Feedback(exercise_id, status, f"{pending}\n\n{message}".strip() if status == PENDING else message)
    except (Exception, SystemExit) as error:  # un objeto que engaña hasta a las comparaciones: se explica
        what = f"No se puede interpretar lo que devuelve tu función (`{_text(error)}`)."
        return Feedback(exercise_id, WRONG, f"{what}\n\n*Pista.* Mira en el enunciado qué tipo de valor se pide.")


def _text(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()  # aguanta hasta un error cuyo mensaje falla
