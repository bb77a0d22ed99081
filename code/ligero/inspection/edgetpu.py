"""Qué operadores de un `.tflite` se asignarían al Edge TPU, y por qué no los demás, sin el compilador ni el hardware.

Sigue lo que publica Coral, guardado en `resources/edgetpu.json` con su fuente y la fecha en que se miró. Lo que se
publica sin precisar («según el tamaño, puede…») no se decide: el operador se da por asignado y lleva una duda.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ai_edge_litert.tools import flatbuffer_utils as fb

from ligero import _validate
from ligero.inspection import profiler

_COLUMNS = ["subgrafo", "indice", "operador", "admitido", "asignado", "motivo", "remedio", "duda"]
_OPEN_BATCH = "deja abierto el lote, y Coral avisa de que así algunos modelos no se compilan: fíjalo en 1"
_DYNAMIC = "hay tensores de tamaño dinámico: el compilador puede rechazar el fichero entero"
_CUSTOM = "hay operadores propios: si el compilador no sabe prepararlos, rechaza el fichero entero"


@dataclass(frozen=True)
class Reason:
    """La regla que incumple un operador (`operador`, `tipo`, `forma`, `rango`, `constante`…), cómo, y qué hacer."""

    rule: str
    cause: str
    remedy: str


@dataclass(frozen=True)
class Operator:
    """Un operador, por su subgrafo (0 es el principal), su posición y su nombre, y lo que se decide de él.

    `supported`: el Edge TPU lo admite como está; `placed`: además se le asignaría, con la regla de la partición.
    `reasons`: lo que incumple, o nada si se asigna. `doubts`: lo publicado sin precisar por lo que puede no asignarse.
    """

    subgraph: int
    index: int
    name: str
    supported: bool
    placed: bool
    reasons: tuple[Reason, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """Veredicto de un modelo: `operators`, uno por operador, y `warnings`, lo que puede impedir que se compile."""

    operators: tuple[Operator, ...]
    warnings: tuple[str, ...]

    @property
    def placed_fraction(self) -> float:
        """Operadores asignados entre todos; NaN si no hay ninguno."""
        return sum(o.placed for o in self.operators) / len(self.operators) if self.operators else math.nan

    def table(self) -> pd.DataFrame:
        """Una fila por operador: dónde está, si se admite y se asigna, `motivo`, `remedio` y `duda`."""
        rows = []
        for o in self.operators:
            texts = [f"[{r.rule}] {r.cause}" for r in o.reasons], dict.fromkeys(r.remedy for r in o.reasons), o.doubts
            rows.append((o.subgraph, o.index, o.name, o.supported, o.placed, *map("; ".join, texts)))
        return pd.DataFrame(rows, columns=_COLUMNS)


def check(model: bytes | str | Path) -> Verdict:
    """Dice de cada operador si se asignaría al Edge TPU y, si no, por qué.

    La partición es la del compilador sin `--enable_multiple_subgraphs`: el primer operador no admitido, y cuanto
    depende de él, se queda en la CPU. El `QUANTIZE` con que empieza un modelo de entrada `float32` también, pero no
    corta: Coral lo documenta. Una rama que no pasa por el corte sigue asignándose.

    Args:
        model: Los bytes del `.tflite` o la ruta. No se ejecuta: puede llevar operadores que aquí no existen.

    Returns:
        `Verdict`.

    Raises:
        TypeError, ValueError, FileNotFoundError: Si `model` no son bytes ni una ruta, no es un `.tflite`, está
            truncado o no existe.

    Source:
        Coral, «TensorFlow models on the Edge TPU» y «Edge TPU Compiler»: `rules()["direcciones"]`.

    Example:
        >>> from ligero import convert, models
        >>> verdict = check(convert.convert(models.digits_cnn(), "float32"))
        >>> verdict.placed_fraction, verdict.operators[0].reasons[0].rule
        (0.0, 'tipo')
    """
    content = _validate.tflite(model)
    try:
        graph = fb.read_model_from_bytearray(bytearray(content))
        operators = tuple(o for number in range(len(graph.subgraphs)) for o in _partition(graph, number))
    except Exception as error:  # un fichero roto falla de mil maneras, según dónde esté el corte
        raise ValueError("`model` está truncado o dañado: conviértelo otra vez y comprueba su tamaño.") from error
    dynamic = any(reason.rule == "forma" for o in operators for reason in o.reasons)
    custom = any(o.name not in {*vars(fb.BuiltinOperator), *rules()["operadores"]} for o in operators)
    return Verdict(operators, (_DYNAMIC,) * dynamic + (_CUSTOM,) * custom)


@cache
def rules() -> dict[str, Any]:
    """Lo publicado, leído de `resources/edgetpu.json`: `fuente`, `direcciones`, `consultada`, `operadores`…"""
    return json.loads(resources.files("ligero").joinpath("resources/edgetpu.json").read_text(encoding="utf-8"))


class _Node:
    """Un operador: sus tensores, por la posición que ocupan (las entradas optativas pueden faltar), y sus opciones."""

    def __init__(self, graph: fb.ModelT, number: int, operator: fb.OperatorT):
        tensors, self.graph, self.options = graph.subgraphs[number].tensors, graph, operator.builtinOptions
        self.inputs = {place: tensors[i] for place, i in enumerate(_list(operator.inputs)) if i >= 0}
        self.outputs = [tensors[i] for i in _list(operator.outputs)]

    def shape(self, place: int) -> list[int]:
        return _list(self.inputs[place].shape)

    def value(self, place: int) -> np.ndarray | None:
        """Los valores de una constante entera; None si el tensor falta o se calcula al ejecutar."""
        tensor = self.inputs.get(place)
        data = None if tensor is None or tensor.isVariable else self.graph.buffers[tensor.buffer].data
        if data is None or not len(data):
            return np.empty(0, int) if tensor is not None and 0 in _list(tensor.shape) else None
        return np.frombuffer(bytes(data), _type(tensor) if _type(tensor) in ("uint8", "int32", "int64") else "int8")

    def removed(self) -> list[int]:
        """Las posiciones de las dimensiones que quita un SQUEEZE; sin decir cuáles, todas las que valen 1."""
        shape = self.shape(0)
        named = _list(getattr(self.options, "squeezeDims", None))
        return [axis % len(shape) for axis in named] or [axis for axis, size in enumerate(shape) if size == 1]

    def axes(self, place: int, data: int = 0) -> set[int]:
        """Ejes que dice el parámetro `place`, contados desde el primero; ninguno si no hay lote (una dimensión)."""
        values, rank = self.value(place), len(self.shape(data))
        return {int(axis) % rank for axis in values} if values is not None and rank > 1 else set()

    def option(self, field: str) -> int:
        return getattr(self.options, field, 0) or 0

    def activations(self, places: list[int] | str) -> list[tuple[str, fb.TensorT, bool]]:
        """Los tensores de datos, con su nombre y si son constantes: los que dice la tabla y las salidas."""
        chosen = [i for i in self.inputs if places == "todas" or i in places]
        inputs = [(f"la entrada {i}", self.inputs[i], self.value(i) is not None) for i in chosen]
        return inputs + [(f"la salida {i}", tensor, False) for i, tensor in enumerate(self.outputs)]


def _partition(graph: fb.ModelT, number: int) -> Iterator[Operator]:
    cut: dict[int, str] = {}  # tensor que sale de la CPU → el operador que lo llevó allí
    for index, operator in enumerate(graph.subgraphs[number].operators or []):
        node, name = _Node(graph, number, operator), profiler.name(graph, operator) or "desconocido"
        entry = rules()["operadores"].get(name)
        reasons = list(dict.fromkeys(_violations(node, entry)))
        supported = not reasons
        culprit = next((cut[t] for t in _list(operator.inputs) if t in cut), "")
        if number:
            reasons.append(_reason("subgrafo", "está en un subgrafo que no es el principal"))
        elif culprit:
            reasons.append(_reason("corte", f"recibe datos de {culprit}, que va a la CPU"))
        entrance = name == "QUANTIZE" and operator.inputs[0] in _list(graph.subgraphs[number].inputs)
        if reasons and not (entrance and _type(node.inputs[0]) == "float32" and _quantized(node.outputs[0])):
            cut |= dict.fromkeys(_list(operator.outputs), culprit or f"{name} (operador {index})")
        doubtful = supported and "duda" in entry and _LIMITS[entry.get("duda_si", "siempre")](node)
        doubts = [entry["duda"]] if doubtful else []
        if supported and any(-1 in _list(tensor.shapeSignature) for _, tensor, _ in node.activations(entry["datos"])):
            doubts.append(_OPEN_BATCH)
        yield Operator(number, index, name, supported, not reasons, tuple(reasons), tuple(doubts))


def _violations(node: _Node, entry: dict | None) -> Iterator[Reason]:
    if entry is None:
        yield _reason("operador", "no está en la tabla de operadores admitidos")
        return
    for what, tensor, constant in node.activations(entry["datos"]):
        shape = _list(tensor.shape)
        if not _quantized(tensor):
            yield _reason("tipo", f"{what} es {_type(tensor)}, y no int8 ni uint8 con escala")
        if _open(tensor):
            yield _reason("forma", f"{what} deja abierta su forma: {_list(tensor.shapeSignature)}")
        if math.prod(shape[:-3]) > 1 or not (shape or constant):
            yield _reason("rango", f"{what} tiene forma {shape}: de 1 a 3 dimensiones, y las de delante, 1")
    for role in ("pesos", "sesgo", "parámetros"):
        for place in sorted({*entry.get(role, ())} & {*node.inputs}):
            tensor, what = node.inputs[place], f"la entrada {place} ({role})"
            if node.value(place) is None:
                yield _reason("constante", f"{what} se calcula al ejecutar, y no es una constante del fichero")
                if role == "parámetros":
                    yield _reason("forma", "el tamaño de la salida no se sabe hasta ejecutar")
            if role == "pesos" and not _quantized(tensor):
                yield _reason("tipo", f"{what} es {_type(tensor)}, y no int8 ni uint8 con escala")
            if role == "pesos" and tensor.sparsity is not None:
                yield Reason("opción", f"{what} está en formato disperso", "convierte sin guardar pesos dispersos")
            if role == "sesgo" and _type(tensor) != "int32":
                yield _reason("tipo", f"{what} es {_type(tensor)}, y no int32")
    for limit in entry.get("limites", ()):
        if _LIMITS[limit["comprobacion"]](node):
            yield Reason("opción", limit["texto"], limit["remedio"])


def _open(tensor: fb.TensorT) -> bool:
    """Si queda abierta alguna dimensión. El lote no cuenta si el fichero guarda un 1: es lo que ve el compilador."""
    signature, shape = _list(tensor.shapeSignature), _list(tensor.shape)
    batch = len(signature) > 1 and shape[:1] == [1]
    return min(shape, default=0) < 0 or -1 in signature[int(batch) :]


def _quantized(tensor: fb.TensorT) -> bool:
    scale = tensor.quantization and tensor.quantization.scale
    return _type(tensor) in ("int8", "uint8") and scale is not None and len(scale) > 0


def _type(tensor: fb.TensorT) -> str:
    return fb.type_to_name(tensor.type).lower()


def _list(values: Any) -> list[int]:
    return [] if values is None else [int(value) for value in values]


def _reason(rule: str, cause: str) -> Reason:
    return Reason(rule, cause, rules()["remedios"][rule])


def _joins_constant(node: _Node) -> bool:
    constants = [i for i in node.inputs if node.value(i) is not None]
    points = {i: (_list(getattr(node.inputs[i].quantization, "zeroPoint", None)) or [0])[0] for i in constants}
    return bool(constants) and not (len(node.inputs) == 2 and all((node.value(i) == points[i]).all() for i in points))


# Cada límite de la tabla: si el operador lo incumple. Y cuándo toca una duda.
_LIMITS = {
    "siempre": lambda n: True,
    "aplasta_dentro": lambda n: any(math.prod(n.shape(0)[:axis]) > 1 for axis in n.removed()),
    "alfa": lambda n: math.prod(n.shape(1)[:-1]) > 1,
    "apila_lote": lambda n: n.option("axis") in (0, -len(_list(n.outputs[0].shape))),
    "concatena": _joins_constant,
    "dilatacion": lambda n: n.option("dilationWFactor") != n.option("dilationHFactor"),
    "formato_pesos": lambda n: n.option("weightsFormat") != 0,
    "lote": lambda n: 0 in n.axes(1),
    "media_z": lambda n: len(n.shape(0)) - 1 in n.axes(1) and n.shape(0)[-1] % 4 != 0,
    "mascaras": lambda n: n.option("ellipsisMask") != 0 or n.option("newAxisMask") != 0,
    "parte_lote": lambda n: 0 in n.axes(0, data=1),
    "pasos": lambda n: (steps := n.value(3)) is not None and bool((steps != 1).any()),
    "rellena_lote": lambda n: (pads := n.value(1)) is not None and bool(pads[:2].any()),
    "salida_vector": lambda n: math.prod(_list(n.outputs[0].shape)[:-1]) > 1,
    "sin_activacion": lambda n: n.option("fusedActivationFunction") != 0,
    "softmax": lambda n: math.prod(n.shape(0)[:-1]) > 1 or n.shape(0)[-1] > 16_000,
}
