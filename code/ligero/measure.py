"""Medir un `.tflite`: tamaño, exactitud con intervalo, diferencias pareadas, latencia por turnos y memoria."""

import gzip
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from ai_edge_litert.interpreter import Interpreter
from scipy import stats

from ligero import _validate
from ligero.runtime import interpreter

_CONFIDENCE = 0.95
# Cada muestra de latencia dura al menos esto: por debajo pesaría más el reloj que el modelo.
_SAMPLE_MS = 1.0


@dataclass(frozen=True)
class FileSize:
    """Tamaño de un modelo: `raw` en bytes (lo que ocupa) y `gzip` en bytes (lo que se descarga)."""

    raw: int
    gzip: int


@dataclass(frozen=True)
class Interval:
    """Un valor medido con su intervalo de confianza del 95 %; `unit` dice en qué se mide."""

    value: float
    low: float
    high: float
    unit: str

    def __str__(self) -> str:
        """Devuelve, por ejemplo, `98.72 % [98.09, 99.15]`."""
        return f"{self.value:.2f} {self.unit} [{self.low:.2f}, {self.high:.2f}]"


def file_size(model: bytes | str | Path) -> FileSize:
    """Bytes de un `.tflite` tal cual y comprimido con gzip al máximo nivel.

    Args:
        model: Los bytes del `.tflite` o la ruta del fichero.

    Returns:
        `FileSize` con los dos tamaños en bytes. El segundo varía un poco de una máquina a otra.

    Raises:
        TypeError: Si `model` no son bytes ni una ruta.
        ValueError: Si no es un `.tflite`.
        FileNotFoundError: Si la ruta no existe.

    Example:
        >>> file_size(b"\\x00\\x00\\x00\\x00TFL3" + bytes(992)).raw
        1000
    """
    content = _validate.tflite(model)
    return FileSize(raw=len(content), gzip=len(gzip.compress(content, compresslevel=9, mtime=0)))


def accuracy(correct: np.ndarray) -> Interval:
    """Exactitud en % con el intervalo de Wilson del 95 %.

    Args:
        correct: Vector de aciertos (`bool`), forma `(n,)`.

    Returns:
        `Interval` en %.

    Raises:
        TypeError: Si no es un vector de `bool`.
        ValueError: Si está vacío.

    Source:
        Wilson (1927), «Probable inference, the law of succession, and statistical inference».

    Example:
        >>> print(accuracy(np.array([True] * 98 + [False] * 2)))
        98.00 % [93.00, 99.45]
    """
    correct = _validate.hits(correct, "correct")
    interval = stats.binomtest(int(correct.sum()), len(correct)).proportion_ci(_CONFIDENCE, method="wilson")
    return Interval(100 * float(correct.mean()), 100 * interval.low, 100 * interval.high, "%")


def paired_difference(candidate: np.ndarray, reference: np.ndarray) -> Interval:
    """Puntos de exactitud que gana `candidate` sobre `reference`, con el intervalo pareado del 95 %.

    Solo cuentan los ejemplos en que discrepan: por eso el intervalo es mucho más estrecho que el de dos
    exactitudes sueltas. «No se ha perdido más de un punto» es `low > -1`, nunca «p > 0.05».

    Args:
        candidate: Aciertos del modelo optimizado (`bool`), forma `(n,)`.
        reference: Aciertos del original en los mismos ejemplos y en el mismo orden.

    Returns:
        `Interval` en puntos porcentuales; negativo si `candidate` pierde. Los extremos son los de Wald ajustado,
        centrados en una estimación algo encogida, y no se anulan aunque los dos modelos coincidan en todo.

    Raises:
        TypeError: Si no son vectores de `bool`.
        ValueError: Si están vacíos o no miden lo mismo.

    Source:
        Bonett y Price (2012), «Adjusted Wald Confidence Interval for a Difference of Binomial Proportions Based
        on Paired Data».

    Example:
        >>> reference = np.array([True] * 950 + [False] * 50)
        >>> candidate = reference.copy()
        >>> candidate[:4] = False
        >>> print(paired_difference(candidate, reference))
        -0.40 puntos [-0.88, 0.08]
    """
    candidate, reference = _validate.hits(candidate, "candidate"), _validate.hits(reference, "reference")
    if len(candidate) != len(reference):
        raise ValueError(
            f"`candidate` tiene {len(candidate)} aciertos y `reference` {len(reference)}: "
            "mide los dos modelos con los mismos ejemplos y en el mismo orden."
        )
    n = len(candidate)
    only_candidate = int((candidate & ~reference).sum())
    only_reference = int((reference & ~candidate).sum())
    gained, lost = (only_candidate + 1) / (n + 2), (only_reference + 1) / (n + 2)
    centre = gained - lost
    margin = stats.norm.ppf((1 + _CONFIDENCE) / 2) * np.sqrt((gained + lost - centre**2) / (n + 2))
    return Interval(
        100 * (only_candidate - only_reference) / n, 100 * (centre - margin), 100 * (centre + margin), "puntos"
    )


def latency(models: Mapping[str, bytes | str | Path], rounds: int = 50, threads: int = 1) -> pd.DataFrame:
    """Cronometra varios modelos por turnos, para que el ruido de la máquina les toque a todos por igual.

    En cada ronda pasan todos, y el orden rota de una ronda a la siguiente. Antes hay un calentamiento, que decide
    cuántas inferencias entran en una muestra (al menos 1 ms por muestra). La entrada es de ceros.

    Args:
        models: Nombre → bytes o ruta del `.tflite`.
        rounds: Rondas, 1 o más.
        threads: Hilos de cálculo.

    Returns:
        Tabla con una fila por ronda y una columna por modelo: milisegundos por inferencia, lote 1.

    Raises:
        TypeError: Si `models` no es un diccionario o algún modelo no son bytes ni una ruta.
        ValueError: Si `models` está vacío o algún modelo está dañado.
        FileNotFoundError: Si alguna ruta no existe.

    Example:
        >>> from ligero import convert, models
        >>> network = models.digits_cnn(filters=4, hidden=16)
        >>> times = latency({"a": convert.convert(network, "float32"), "b": convert.convert(network, "dynamic")}, 5)
        >>> times.shape, bool((times > 0).all(axis=None))
        ((5, 2), True)
    """
    if not isinstance(models, Mapping):
        raise TypeError('`models` debe ser un diccionario {"nombre": modelo}, aunque solo haya uno.')
    if not models:
        raise ValueError("`models` está vacío: pasa al menos un modelo.")
    _validate.positive_int(rounds, "rounds")
    runners = {name: interpreter(model, threads) for name, model in models.items()}
    repeats = {}
    for name, runner in runners.items():
        for detail in runner.get_input_details():
            runner.set_tensor(detail["index"], np.zeros(detail["shape"], detail["dtype"]))
        warm_up = [_time_ms(runner, 1) for _ in range(5)]
        repeats[name] = max(1, int(np.ceil(_SAMPLE_MS / float(np.median(warm_up)))))

    names, samples = list(runners), []
    for i in range(rounds):
        turn = names[i % len(names) :] + names[: i % len(names)]
        samples.append({name: _time_ms(runners[name], repeats[name]) / repeats[name] for name in turn})
    return pd.DataFrame(samples, columns=names)


def ratio(candidate: np.ndarray, reference: np.ndarray) -> Interval:
    """Mediana de los cocientes ronda a ronda entre dos columnas de `latency`, con su intervalo del 95 %.

    Args:
        candidate: Tiempos del modelo optimizado, forma `(rondas,)`.
        reference: Tiempos del original en las mismas rondas.

    Returns:
        `Interval` en veces; por debajo de 1 gana `candidate`. El intervalo sale de los estadísticos de orden y no
        supone ninguna distribución; con menos de seis rondas va del mínimo al máximo y no llega al 95 %.

    Raises:
        TypeError: Si no son números.
        ValueError: Si están vacíos, no miden lo mismo o hay tiempos que no son positivos.

    Source:
        Conover (1999), «Practical Nonparametric Statistics», intervalo de un cuantil.

    Example:
        >>> print(ratio(np.array([1.0, 2.0, 3.0, 2.0, 2.0, 2.0]), np.full(6, 4.0)))
        0.50 veces [0.25, 0.75]
    """
    candidate = _validate.array(candidate, "candidate", like=(None,))
    reference = _validate.array(reference, "reference", like=(None,))
    if len(candidate) != len(reference):
        raise ValueError("`candidate` y `reference` deben tener las mismas rondas: sácalas de la misma tabla.")
    if (candidate <= 0).any() or (reference <= 0).any():
        raise ValueError("`candidate` y `reference` son tiempos: todos deben ser mayores que cero.")
    quotients = np.sort(candidate / reference)
    low = max(int(stats.binom.ppf((1 - _CONFIDENCE) / 2, len(quotients), 0.5)) - 1, 0)
    return Interval(
        float(np.median(quotients)), float(quotients[low]), float(quotients[len(quotients) - 1 - low]), "veces"
    )


def memory_kb(model: bytes | str | Path, copies: int = 20) -> float:
    """Memoria que añade al proceso un intérprete con su modelo, tras una inferencia.

    Crea `copies` intérpretes en un proceso aparte y reparte lo que crece la memoria residente: cuenta el fichero,
    las activaciones y las copias reordenadas de los pesos que hace XNNPACK.

    Args:
        model: Los bytes del `.tflite` o la ruta.
        copies: Intérpretes entre los que se promedia; más copias, menos ruido.

    Returns:
        Kilobytes (1 000 bytes) por intérprete.

    Raises:
        TypeError: Si `model` no son bytes ni una ruta, o `copies` no es un entero.
        ValueError: Si el modelo está dañado.
        FileNotFoundError: Si la ruta no existe.

    Example:
        >>> from ligero import convert, models
        >>> memory_kb(convert.convert(models.digits_cnn(), "float32")) > 400
        True
    """
    interpreter(model)  # un modelo dañado se explica aquí, no en el proceso hijo
    _validate.positive_int(copies, "copies")
    done = subprocess.run(
        [sys.executable, "-m", "ligero._memory", str(copies)],
        input=_validate.tflite(model),
        capture_output=True,
        check=True,
    )
    return float(done.stdout) / 1000


@cache
def int8_dot_product() -> str | None:
    """Nombre de la instrucción con que esta CPU multiplica vectores de enteros de 8 bits, o `None`.

    Sin ella, int8 puede no ser más rápido que float32. Se reconocen VNNI (x86) y dotprod (ARM) en Linux y macOS; en
    otro sistema no se sabe, y la respuesta es `None`.

    Returns:
        `"avx512_vnni"`, `"avx_vnni"`, `"dotprod"` o `None`.

    Example:
        >>> int8_dot_product() in ("avx512_vnni", "avx_vnni", "dotprod", None)
        True
    """
    if platform.system() == "Linux":
        flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
        for flag, name in (("avx512_vnni", "avx512_vnni"), ("avx_vnni", "avx_vnni"), ("asimddp", "dotprod")):
            if flag in flags:
                return name
    if platform.system() == "Darwin":
        query = ["sysctl", "-n", "hw.optional.arm.FEAT_DotProd"]
        if subprocess.run(query, capture_output=True, text=True, check=False).stdout.strip() == "1":
            return "dotprod"
    return None


def _time_ms(runner: Interpreter, repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        runner.invoke()
    return (time.perf_counter() - start) * 1e3
