"""Ejercicios de `reducir/buenas-practicas`."""

import sys
import tracemalloc

import numpy as np

from ligero import measure
from ligero.exercises import Trial, exercise


@exercise(
    "prac-1",
    asks="Escribe `pick(family, margin, budget_ms)`: el modelo más pequeño que cumple el presupuesto y el margen.",
    first_hint="La referencia es el modelo de más bytes, y se compara con `measure.paired_difference`.",
)
def pick(trial: Trial) -> str:
    """Pone familias en que la diferencia engaña, un tirón estropea la media o el más rápido no es el menor."""
    for description, family, margin, budget, hint in _families():
        expected = _pick(family, margin, budget)
        for order in (family, family[::-1]):
            rows = [{**row, "ms": row["ms"].copy(), "hits": row["hits"].copy()} for row in order]
            got = trial.text(trial.call(rows, margin, budget, shown=description), f"Con {description}")
            trial.require(got == expected, f"Con {description} eliges «{got}» y es «{expected}».", hint)
    return (
        "Has elegido con las mismas imágenes con que luego dirás cuánto acierta. Con cinco candidatos se nota poco; "
        "¿y con quinientos?"
    )


def _pick(family: list[dict], margin: float, budget: float) -> str:
    reference = max(family, key=lambda row: row["bytes"])["hits"]
    valid = [
        row
        for row in family
        if np.median(row["ms"]) <= budget and measure.paired_difference(row["hits"], reference).low > -margin
    ]
    return min(valid, key=lambda row: row["bytes"])["name"] if valid else "ninguno"


def _families() -> list[tuple]:
    def row(name: str, size: int, ms: float, lost: int, n: int = 600, pull: float = 0.0) -> dict:
        hits = np.ones(n, bool)
        hits[:lost] = False
        times = np.full(11, ms)
        times[3] += pull
        return {"name": name, "bytes": size, "ms": times, "hits": hits}

    large = row("grande", 900_000, 8.0, 0)
    plain = [row("chica", 40_000, 1.0, 90), row("media", 160_000, 3.0, 4), large]
    lucky = [row("chica", 40_000, 1.0, 2, n=60), row("grande", 900_000, 8.0, 0, n=60)]
    hiccup = [row("chica", 40_000, 2.0, 0, pull=90.0), row("media", 160_000, 2.2, 0), large]
    quick = [row("ancha", 160_000, 1.0, 0), row("honda", 90_000, 2.5, 0), large]
    return [
        ("600 imágenes y margen de 3 puntos", plain, 3.0, 9.0, "Compara cada modelo con el de más bytes."),
        ("60 imágenes y margen de 4 puntos", lucky, 4.0, 9.0, "Lo que debe pasar de `-margin` es `low`, no `value`."),
        ("un tirón en una ronda", hiccup, 3.0, 2.5, "Un tirón mueve la media de los tiempos; la mediana, no."),
        ("el menor que no es el más rápido", quick, 3.0, 3.0, "De los que cumplen, gana el de menos bytes."),
        ("un presupuesto imposible", plain, 3.0, 0.5, "Si ninguno cumple, devuelve «ninguno»."),
        ("un presupuesto justo", plain, 3.0, 3.0, "«Como máximo» incluye el límite: usa `<=`."),
    ]


@exercise(
    "prac-2",
    asks="Escribe `best_swap(times, factors)`: qué operador conviene sustituir y cuánto se acelera la red.",
    first_hint="¿Cuántos milisegundos se ahorra en cada caso? Solo cambia un operador; los demás tardan lo mismo.",
)
def best_swap(trial: Trial) -> str:
    """Separa el operador más caro, el mayor factor y el mayor ahorro, que aquí no coinciden."""
    cases = [
        ([4.0, 1.0, 5.0], {0: 4.0, 2: 1.25}, "el más caro apenas mejora"),
        ([0.2, 6.0, 1.8], {0: 100.0, 1: 1.5}, "un factor enorme en un operador barato"),
        ([3.0, 3.0, 2.0], {2: 8.0}, "solo uno se puede sustituir"),
        ([1.0, 7.0, 2.0], {1: 0.5, 2: 0.8}, "todas las opciones empeoran"),
        ([2.0, 5.0], {}, "ninguna opción"),
    ]
    rng = np.random.default_rng(31)
    for _ in range(12):
        times = rng.uniform(0.1, 6, 6).round(2).tolist()
        cases.append((times, {int(i): round(float(rng.uniform(0.5, 9)), 2) for i in rng.permutation(6)[:3]}, "al azar"))
    for times, factors, description in cases:
        shown = f"{description}: {times} y {factors}"
        got = trial.call(list(times), dict(factors), shown=shown)
        trial.require(
            isinstance(got, tuple | list) and len(got) == 2,
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera un par.",
            "Acaba con `return indice, ganancia`.",
        )
        index, gain = (trial.number(value, f"Con {shown}") for value in got)
        expected_index, expected_gain = _best_swap(times, factors)
        trial.require(
            index == expected_index,
            f"Con {shown} eliges el operador {index:g} y es el {expected_index}.",
            "Si ningún cambio acelera la red, lo mejor es no tocar nada: (-1, 1.0)."
            if expected_index == -1
            else "Ni el más caro ni el de mayor factor: el que más milisegundos quita, `t - t / factor`.",
        )
        trial.require(
            abs(gain - expected_gain) < 1e-6,
            f"Con {shown} la red se acelera {expected_gain:.3f} veces y dices {gain:.3f}.",
            "La ganancia es la de la red entera: el total de antes entre el de después.",
        )
    return "Si sustituyes el operador, hay que entrenar otra vez. ¿Qué más medirías antes de dar el cambio por bueno?"


def _best_swap(times: list, factors: dict) -> tuple[int, float]:
    total = sum(times)
    saved = {index: times[index] * (1 - 1 / factor) for index, factor in factors.items()}
    index = max(saved, key=saved.get, default=-1)
    if index == -1 or saved[index] <= 0:
        return -1, 1.0
    return index, total / (total - saved[index])


class CountingEngine:
    """Intérprete de mentira que apunta los bytes que se le copian; se usa como uno de LiteRT.

    Su red devuelve, por canal, la media de la entrada. Como el de verdad, se niega a ejecutar mientras alguien
    conserve una vista de su memoria.

    Args:
        shape: Forma de la entrada, `(1, alto, ancho, canales)`.

    Example:
        >>> engine = CountingEngine((1, 2, 2, 3))
        >>> engine.set_tensor(0, np.ones((1, 2, 2, 3), np.float32))
        >>> engine.invoke()
        >>> engine.get_tensor(1).tolist(), engine.copied_bytes
        ([[1.0, 1.0, 1.0]], 60)
    """

    def __init__(self, shape: tuple[int, ...]):  # noqa: D107
        self._tensors = [np.zeros(shape, np.float32), np.zeros((1, shape[-1]), np.float32)]
        self.copied_bytes = 0
        self.calls = 0

    def get_input_details(self) -> list[dict]:
        """Una entrada, con índice 0."""
        return [{"index": 0, "shape": np.array(self._tensors[0].shape), "dtype": np.float32}]

    def get_output_details(self) -> list[dict]:
        """Una salida, con índice 1."""
        return [{"index": 1, "shape": np.array(self._tensors[1].shape), "dtype": np.float32}]

    def set_tensor(self, index: int, value: np.ndarray) -> None:
        """Copia `value` en el tensor."""
        if np.shape(value) != self._tensors[index].shape or np.asarray(value).dtype != np.float32:
            raise ValueError("Cannot set tensor: Dimension or type mismatch.")
        self._tensors[index][:] = value
        self.copied_bytes += self._tensors[index].nbytes

    def get_tensor(self, index: int) -> np.ndarray:
        """Devuelve una copia del tensor."""
        self.copied_bytes += self._tensors[index].nbytes
        return self._tensors[index].copy()

    def tensor(self, index: int):
        """Función que da una vista del tensor, sin copiar."""
        return lambda: self._tensors[index][:]

    def invoke(self) -> None:
        """Ejecuta la red."""
        # Las vistas conservan a su base: con alguna viva, el array tiene más referencias que la lista y esta llamada.
        if any(sys.getrefcount(tensor) > 3 for tensor in self._tensors):
            raise RuntimeError("There is at least 1 reference to internal data in the interpreter")
        self._tensors[1][:] = self._tensors[0].mean(axis=(1, 2))
        self.calls += 1


@exercise(
    "prac-3",
    asks="Reescribe `infer(engine, frame)` para que dé lo mismo sin copiar la imagen ni una vez.",
    first_hint="`engine.tensor(indice)` da una función; al llamarla, una vista en la que se puede escribir con `out=`.",
)
def infer(trial: Trial) -> str:
    """Cuenta lo que se copia al intérprete y lo que se reserva por el camino, y llama varias veces."""
    rng = np.random.default_rng(12)
    for height, width in ((200, 320), (333, 250)):
        engine = CountingEngine((1, height, width, 3))
        frames = [rng.integers(0, 256, (height, width, 3)).astype(np.uint8) for _ in range(3)]
        shown, results = f"fotos de {height}×{width}", []
        for number, frame in enumerate(frames, 1):
            original = frame.copy()
            engine.copied_bytes = engine.calls = 0
            tracemalloc.start()
            try:
                got = trial.call(engine, frame, shown=shown)
                reserved = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            trial.require(
                isinstance(got, np.ndarray) and got.shape == (1, 3) and got.dtype == np.float32,
                f"Con {shown}, se espera un array float32 de forma (1, 3).",
                "Devuelve la salida del intérprete tal como la lees.",
            )
            trial.require(
                engine.calls == 1,
                f"Con {shown}, tu función llama {engine.calls} veces a `invoke` y debe ser una.",
                "Escribe la entrada, invoca una vez y lee la salida.",
            )
            expected = original.astype(np.float64).mean(axis=(0, 1)) / 127.5 - 1
            trial.require(
                bool(np.abs(got[0] - expected).max() < 1e-3),
                f"Con {shown}, la salida no es la de la función original.",
                "Las mismas cuentas: cada píxel entre 127.5, menos 1, y después `invoke`.",
            )
            trial.require(
                bool((frame == original).all()),
                f"Con {shown}, tu función cambia la foto que recibe.",
                "Escribe en la vista del tensor, no en `frame`.",
            )
            image_bytes = 4 * frame.size
            trial.require(
                engine.copied_bytes < image_bytes,
                f"Con {shown}, `set_tensor` copia {engine.copied_bytes} bytes: la imagen entera.",
                "No uses `set_tensor`: haz la cuenta con `out=` dentro de la vista.",
            )
            trial.require(
                reserved < image_bytes // 2,
                f"Con {shown}, por el camino se reservan {reserved / 1000:.0f} kB: hay un array intermedio.",
                "`frame / 127.5` y `.astype(...)` crean otro array. `np.multiply(frame, escala, out=vista)` no.",
            )
            results.append((got, got.copy()))
            trial.require(
                all(bool((live == kept).all()) for live, kept in results),
                f"Con {shown}, la respuesta de una foto anterior cambia al procesar la número {number}.",
                "La salida es pequeña: devuélvela copiada (`get_tensor`), no como vista.",
            )
    return "¿Qué pasaría si dos hilos llamaran a la vez a tu función con el mismo intérprete?"


@exercise(
    "prac-4",
    asks="Escribe `choose_engine(engines, sessions, max_first_ms)`: con qué ejecutar según cómo se usa la aplicación.",
    first_hint="Cada sesión paga una vez el arranque y después cada inferencia. ¿Cuánto suma cada motor en total?",
)
def choose_engine(trial: Trial) -> str:
    """Pone usos en que cambia el ganador: muchas sesiones cortas, una larga y una primera respuesta que no llega."""
    engines = {"CPU": (2.0, 12.0), "XNNPACK": (10.0, 4.0), "GPU": (400.0, 1.0)}
    cases = [
        ([1], 500.0, "una sesión de una foto", "Con una foto pesa también el arranque: arranque más una inferencia."),
        ([1000], 500.0, "una sesión de mil fotos", "El arranque se paga una vez por sesión, no por inferencia."),
        (
            [2] * 500,
            500.0,
            "quinientas sesiones de dos fotos",
            "El arranque se paga en cada sesión, no una vez en total.",
        ),
        ([1, 1, 1, 400], 500.0, "tres sesiones cortas y una larga", "Suma las sesiones una a una: no vale la mediana."),
        (
            [1000],
            50.0,
            "mil fotos y la primera antes de 50 ms",
            "La primera respuesta tarda el arranque más una inferencia.",
        ),
        ([1000], 14.0, "mil fotos y la primera en 14 ms como máximo", "«Como máximo» incluye el límite: usa `<=`."),
        ([5], 3.0, "una primera respuesta en 3 ms", "Si ninguno llega a tiempo, la respuesta es «ninguno»."),
    ]
    rng = np.random.default_rng(8)
    trials = [(engines, *case) for case in cases]
    for _ in range(25):
        table = {f"m{i}": (float(rng.integers(0, 300)), float(rng.integers(1, 30))) for i in range(4)}
        sessions = rng.integers(1, 60, int(rng.integers(1, 6))).tolist()
        limit = float(rng.integers(20, 400))
        hint = "Suma arranque más inferencias de cada sesión, entre los que llegan a tiempo a la primera."
        trials.append((table, sessions, limit, f"motores al azar {table} y sesiones {sessions}", hint))
    for table, sessions, limit, description, hint in trials:
        got = trial.call(dict(table), list(sessions), limit, shown=description)
        got = trial.text(got, f"Con {description}")
        expected = _choose_engine(table, sessions, limit)
        trial.require(got == expected, f"Con {description} eliges «{got}» y es «{expected}».", hint)
    return "Un motor que guarda en disco lo que prepara arranca antes la segunda vez. ¿Cómo cambiaría tu cuenta?"


def _choose_engine(engines: dict, sessions: list, limit: float) -> str:
    cost = {
        name: sum(start + n * each for n in sessions)
        for name, (start, each) in engines.items()
        if start + each <= limit
    }
    return min(cost, key=cost.get) if cost else "ninguno"
