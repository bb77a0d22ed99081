"""Ejercicios de `acelerar/ejecucion`."""

import math
from collections.abc import Callable
from itertools import combinations
from statistics import median

import numpy as np

from ligero.exercises import Trial, exercise


@exercise(
    "ejec-1",
    asks="Escribe `per_operation_us(operations, milliseconds)`: la mediana de las pendientes entre parejas, en µs.",
    first_hint="Con dos medidas, ¿cuánto cuesta cada operación de más? Con cinco medidas hay diez parejas.",
)
def per_operation_us(trial: Trial) -> str:
    """Series con coste fijo, con un pico que arrastra a los mínimos cuadrados y con redes del mismo tamaño."""
    cases = [
        ([1, 11, 21], [0.5, 0.9, 1.3], "[1, 11, 21] y [0.5, 0.9, 1.3]"),
        ([5, 10, 20, 40], [1.1, 1.2, 1.4, 9.0], "[5, 10, 20, 40] y [1.1, 1.2, 1.4, 9.0]"),
        ([8, 8, 16, 32, 64], [0.30, 0.34, 0.55, 0.98, 1.90], "[8, 8, 16, 32, 64] y cinco tiempos"),
        ([64, 4, 16, 32], [7.1, 1.2, 2.4, 4.0], "[64, 4, 16, 32], sin ordenar, y cuatro tiempos"),
    ]
    for operations, times, shown in cases:
        got = trial.number(trial.call(list(operations), list(times), shown=shown), f"Con {shown}")
        slopes = _slopes(operations, times)
        wanted = 1000 * median(slopes)
        trial.require(
            math.isclose(got, wanted, rel_tol=1e-6),
            f"Con {shown}, tu función da {got:.4g} y son {wanted:.4g} µs por operación.",
            _slope_hint(got, operations, times, wanted),
        )
    return "La pendiente es lo que cuesta una operación más. ¿Qué cuenta la ordenada en el origen, y quién la paga?"


def _slopes(operations: list, times: list) -> list[float]:
    pairs = combinations(zip(operations, times, strict=True), 2)
    return [(t2 - t1) / (n2 - n1) for (n1, t1), (n2, t2) in pairs if n1 != n2]


def _slope_hint(got: float, operations: list, times: list, wanted: float) -> str:
    def near(value: float) -> bool:
        return math.isclose(got, value, rel_tol=1e-6)

    if near(wanted / 1000):
        return "Esos son milisegundos por operación. Un milisegundo son 1 000 µs."
    per_network = [1000 * t / n for n, t in zip(operations, times, strict=True)]
    if near(median(per_network)) or near(float(np.mean(per_network))) or near(1000 * sum(times) / sum(operations)):
        return "Has dividido el tiempo entero por las operaciones: así cada una carga con el coste fijo de la llamada."
    if near(1000 * float(np.polyfit(operations, times, 1)[0])):
        return (
            "Eso son mínimos cuadrados: una sola medida disparatada los arrastra. Se pide la mediana de las pendientes."
        )
    if near(1000 * float(np.mean(_slopes(operations, times)))):
        return "La media de las pendientes se va con la más disparatada. Se pide la mediana."
    return "Todas las parejas, no solo las seguidas; y dos redes con las mismas operaciones no tienen pendiente."


@exercise(
    "ejec-2",
    asks="Escribe `time_by_provider(events)`: la fracción del tiempo de los nodos que gastó cada proveedor.",
    first_hint="Imprime dos o tres eventos de un perfil de verdad: ¿qué distingue a una rutina de todo lo demás?",
)
def time_by_provider(trial: Trial) -> str:
    """Perfiles con sucesos que no son rutinas, proveedores mezclados y un perfil sin ningún nodo."""
    cuda, cpu = "CUDAExecutionProvider", "CPUExecutionProvider"
    alone = _profile([("conv", cpu, 300), ("relu", cpu, 100)])
    mixed = _profile([("conv", cuda, 600), ("conv", cuda, 150), ("topk", cpu, 250)])
    cases = [
        (alone, {cpu: 1.0}, "un perfil con un solo proveedor"),
        (mixed, {cuda: 0.75, cpu: 0.25}, "un perfil con 750 µs en CUDA y 250 en la CPU"),
        (_profile([]), {}, "un perfil en que no se ejecutó ningún nodo"),
    ]
    for events, wanted, shown in cases:
        got = trial.call([dict(event) for event in events], shown=shown)
        trial.require(
            isinstance(got, dict),
            f"Con {shown}, tu función devuelve {type(got).__name__}.",
            "Devuelve un diccionario: proveedor → fracción entre 0 y 1.",
        )
        trial.require(
            set(got) == set(wanted),
            f"Con {shown}, los proveedores son {sorted(wanted)} y los tuyos, {sorted(map(str, got))}.",
            "El proveedor está en `args`, con la clave `provider`, y solo lo llevan las rutinas.",
        )
        for name, share in wanted.items():
            value = trial.number(got[name], f"Con {shown}, para {name}")
            trial.require(
                math.isclose(value, share, abs_tol=1e-9),
                f"Con {shown}, a {name} le das {value:.4g} y le toca {share:.4g}.",
                _share_hint(value, name, events, share),
            )
    return (
        "Si pides CUDA y la mitad del tiempo sale en la CPU, ¿qué operador mirarías primero, y qué copias hay en medio?"
    )


def _profile(nodes: list[tuple[str, str, int]]) -> list[dict]:
    """Un perfil como los de ONNX Runtime: sesión, ejecución entera y, por nodo, la barrera y la rutina."""
    events = [
        {"cat": "Session", "name": "model_loading_uri", "dur": 900, "args": {}},
        {"cat": "Session", "name": "model_run", "dur": 2000, "args": {}},
        {"cat": "Session", "name": "SequentialExecutor::Execute", "dur": 1900, "args": {}},
    ]
    for number, (kind, provider, dur) in enumerate(nodes):
        name = f"{kind}_{number}"
        events.append({"cat": "Node", "name": f"{name}_fence_before", "dur": 40, "args": {"op_name": kind}})
        arguments = {"op_name": kind, "provider": provider, "node_index": str(number)}
        events.append({"cat": "Node", "name": f"{name}_kernel_time", "dur": dur, "args": arguments})
    return events


def _share_hint(got: float, name: str, events: list[dict], wanted: float) -> str:
    kernels = [event for event in events if event["name"].endswith("_kernel_time")]
    own = [event for event in kernels if event["args"]["provider"] == name]
    spent = sum(event["dur"] for event in own)
    if math.isclose(got, spent):
        return "Eso son microsegundos. Divide por los de todas las rutinas."
    if math.isclose(got, 100 * wanted):
        return "Se pide la fracción, entre 0 y 1, no el porcentaje."
    if math.isclose(got, len(own) / len(kernels)):
        return "Has contado nodos. Un nodo puede costar mil veces lo que otro: suma sus tiempos."
    return "Divide por lo que suman las rutinas: la ejecución entera y las barreras no son tiempo de ningún proveedor."


@exercise(
    "ejec-3",
    asks="Escribe `fold_batchnorm(kernel, gamma, beta, mean, variance, epsilon)`: devuelve `(kernel, bias)` fundidos.",
    first_hint="Escribe la normalización como a·y + b, con un `a` y un `b` por canal. Si y = kernel·x, ¿adónde va `a`?",
)
def fold_batchnorm(trial: Trial) -> str:
    """Núcleos con tantas entradas como salidas (que aceptan el eje equivocado), varianzas pequeñas y un `float64`."""
    rng = np.random.default_rng(5)
    for shape, small, shown in (
        ((3, 3, 2, 4), False, "un núcleo (3, 3, 2, 4)"),
        ((1, 1, 5, 5), False, "un núcleo (1, 1, 5, 5)"),
        ((3, 3, 1, 6), True, "un núcleo (3, 3, 1, 6) y varianzas diminutas"),
    ):
        channels = shape[-1]
        kernel = rng.normal(size=shape)
        gamma, beta, mean = rng.normal(1, 0.5, channels), rng.normal(size=channels), rng.normal(size=channels)
        variance, epsilon = rng.uniform(0.5, 2, channels) * (1e-4 if small else 1), 1e-3
        given = [kernel, gamma, beta, mean, variance]
        got = trial.call(*(array.copy() for array in given), epsilon, shown=shown)
        trial.require(
            isinstance(got, tuple | list) and len(got) == 2,
            f"Con {shown}, tu función devuelve {type(got).__name__} y se esperan dos arrays.",
            "Devuelve `kernel, bias`, en ese orden.",
        )
        folded, bias = (np.asarray(part, dtype=float) for part in got)
        trial.require(
            folded.shape == shape and bias.shape == (channels,),
            f"Con {shown}, devuelves las formas {folded.shape} y {bias.shape}; se esperan {shape} y ({channels},).",
            "El núcleo no cambia de forma, y hay un sesgo por canal de salida: el último eje.",
        )
        patch = rng.normal(size=shape[:-1])
        plain = np.tensordot(patch, kernel, 3)
        scale = gamma / np.sqrt(variance + epsilon)
        wanted = (plain - mean) * scale + beta
        value = np.tensordot(patch, folded, 3) + bias
        trial.require(
            np.allclose(value, wanted, rtol=1e-6, atol=1e-9),
            f"Con {shown}, en un recorte al azar la convolución y la normalización dan {wanted[0]:.4g} en el primer "
            f"canal y tu convolución fundida da {value[0]:.4g}.",
            _fold_hint(folded, bias, kernel, gamma, beta, mean, variance, epsilon),
        )
    return "Con estadísticas fijas la normalización no cuesta nada. ¿Por qué no se puede fundir mientras se entrena?"


def _fold_hint(folded, bias, kernel, gamma, beta, mean, variance, epsilon) -> str:
    scale = gamma / np.sqrt(variance + epsilon)
    if np.allclose(folded, kernel * gamma / np.sqrt(variance)):
        return "Falta `epsilon` dentro de la raíz: con varianzas pequeñas manda él."
    if np.allclose(folded, kernel * gamma / (np.sqrt(variance) + epsilon)):
        return "`epsilon` se suma a la varianza, antes de la raíz, no después."
    if np.allclose(folded, kernel * gamma / (variance + epsilon)):
        return "Se divide por la desviación típica, que es la raíz de la varianza."
    if kernel.shape[2] == kernel.shape[3] and np.allclose(folded, kernel * scale[:, np.newaxis]):
        return "Has escalado las entradas: `gamma` va con el canal de salida, el último eje."
    if np.allclose(folded, kernel * scale):
        if np.allclose(bias, beta):
            return "El núcleo está bien. Al sesgo le falta la media: ¿qué sale cuando la entrada es cero?"
        return "El núcleo está bien. La media también se divide por la desviación y se multiplica por `gamma`."
    return "Despeja: gamma·(y − mean)/√(variance + epsilon) + beta. Lo que multiplica a y va al núcleo."


@exercise(
    "ejec-4",
    asks="Escribe `in_fixed_batches(infer, x, batch)`: pasa `x` por un motor que solo admite lotes de `batch`.",
    first_hint="El último lote puede quedarse corto: se rellena para el motor y se recorta al volver.",
)
def in_fixed_batches(trial: Trial) -> str:
    """Tamaños que dividen, que no dividen y menores que un lote; el motor cuenta sus llamadas y mira las formas."""
    rng = np.random.default_rng(3)
    for n, batch in ((8, 4), (10, 4), (3, 8), (1, 1), (17, 5)):
        shown = f"{n} ejemplos y lotes de {batch}"
        x = rng.normal(size=(n, 6)).astype(np.float32)
        weights = rng.normal(size=(6, 3)).astype(np.float32)
        shapes: list[tuple] = []
        infer = _fixed(weights, batch, shapes)
        got = trial.call(infer, x.copy(), batch, shown=shown)
        wrong = [shape for shape in shapes if shape != (batch, 6)]
        trial.require(
            not wrong,
            f"Con {shown}, al motor le has pasado un lote de forma {(wrong or [()])[0]}, y compilaría otra vez.",
            "Rellena el último hasta `batch` filas antes de llamarlo; da igual con qué.",
        )
        got = np.asarray(got)
        trial.require(
            got.shape == (n, 3),
            f"Con {shown}, devuelves {len(got) if got.ndim else 0} filas y se esperan {n}.",
            "¿Has perdido el último lote, o has devuelto también las filas de relleno?",
        )
        trial.require(
            np.allclose(got, x @ weights, atol=1e-5),
            f"Con {shown}, las filas no son las del motor, o no están en su orden.",
            "Guarda lo que da cada lote y júntalo en el mismo orden.",
        )
        needed = math.ceil(n / batch)
        trial.require(
            len(shapes) == needed,
            f"Con {shown}, llamas al motor {len(shapes)} veces y bastan {needed}.",
            "Solo se rellena el último lote; los demás van llenos de ejemplos.",
        )
    return (
        "Rellenar desperdicia cálculo. Con peticiones de 1 a 64 ejemplos, ¿qué dos o tres tamaños de lote compilarías?"
    )


def _fixed(weights: np.ndarray, batch: int, shapes: list[tuple]) -> Callable[[np.ndarray], np.ndarray]:
    def infer(rows: np.ndarray) -> np.ndarray:
        rows = np.asarray(rows)
        shapes.append(rows.shape)
        return rows @ weights if rows.shape == (batch, 6) else np.zeros((len(rows), 3), np.float32)

    return infer


@exercise(
    "ejec-5",
    asks="Escribe `choose_engine(engines, x, reference, tolerance, clock, rounds)`: el más rápido de los correctos.",
    first_hint="Hay tres trampas: la primera llamada, el orden en que mides y los motores que se equivocan deprisa.",
)
def choose_engine(trial: Trial) -> str:
    """Un reloj de mentira, motores que compilan, que se equivocan o que tropiezan, y una máquina que se frena."""
    reference = np.array([[0.2, -4.0, 1.5], [2.0, 0.1, -0.3]])
    cases = [
        ("el más rápido da otra cosa", {"a": _Engine(3), "b": _Engine(1, error=0.01), "c": _Engine(2)}, 1.0, "c"),
        ("uno da NaN", {"a": _Engine(3), "b": _Engine(1, error=math.nan)}, 1.0, "a"),
        ("el mejor compila en la primera llamada", {"a": _Engine(2), "b": _Engine(1, first=900)}, 1.0, "b"),
        ("uno tropieza de vez en cuando", {"a": _Engine(2), "b": _Engine(1, spike=60)}, 1.0, "b"),
        ("la máquina se va frenando", {"a": _Engine(1.3), "b": _Engine(1.0)}, 1.06, "b"),
        ("la máquina se va liberando", {"a": _Engine(1.0), "b": _Engine(1.3)}, 1 / 1.06, "a"),
        ("ninguno es correcto", {"a": _Engine(1, error=0.5), "b": _Engine(1, error=-0.5)}, 1.0, "ninguno"),
    ]
    for shown, engines, drift, wanted in cases:
        world = _World(drift)
        calls: list[str] = []
        functions = {name: engine.bind(name, world, calls, reference) for name, engine in engines.items()}
        got = trial.call(functions, np.ones((2, 4)), reference.copy(), 1e-4, world.clock, 9, shown=f"«{shown}»")
        got = trial.text(got, f"Con «{shown}»")
        trial.require(
            got == wanted,
            f"Con «{shown}», eliges «{got}» y es «{wanted}». Motores (ms por llamada): "
            + ", ".join(f"{name}, {engine.ms:g}" for name, engine in engines.items())
            + ".",
            _engine_hint(shown, calls),
        )
    return "Has elegido con unos ejemplos y una máquina. ¿Qué harías si los dos mejores se llevan menos que el ruido?"


class _World:
    """El reloj: cada milisegundo de trabajo dura más (o menos) según lo trabajado antes."""

    def __init__(self, drift: float):
        self._now, self._drift, self._worked = 0.0, drift, 0

    def clock(self) -> float:
        return self._now

    def work(self, ms: float) -> None:
        self._now += ms / 1000 * self._drift**self._worked
        self._worked += 1


class _Engine:
    def __init__(self, ms: float, *, error: float = 0.0, first: float = 0.0, spike: float = 0.0):
        self.ms, self._error, self._first, self._spike = ms, error, first, spike

    def bind(self, name: str, world: _World, calls: list[str], reference: np.ndarray) -> Callable:
        def infer(x: np.ndarray) -> np.ndarray:
            mine = calls.count(name)
            calls.append(name)
            world.work(self.ms + (self._first if mine == 0 else 0) + (self._spike if mine % 4 == 3 else 0))
            return reference + self._error

        return infer


def _engine_hint(shown: str, calls: list[str]) -> str:
    if shown in ("el más rápido da otra cosa", "uno da NaN", "ninguno es correcto"):
        return (
            "Un motor vale si su mayor diferencia es, como mucho, `tolerance` por el mayor valor absoluto de la "
            "referencia. Un NaN no vale."
        )
    if "compila" in shown:
        return "La primera llamada de cada motor es la que compila: hazla antes de cronometrar."
    if "tropieza" in shown:
        return "Unas pocas llamadas lentas hunden la media. ¿Qué resumen las ignora?"
    return (
        "Si mides un motor entero y después el otro, le cargas a uno lo que le pasa a la máquina. Mídelos por turnos."
    )
