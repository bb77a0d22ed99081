"""Perfil por operador de un `.tflite`: cuánto tarda cada uno, con lo que ya trae `ai-edge-litert`."""

import contextlib
import copy
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from ai_edge_litert.tools import flatbuffer_utils as fb

from ligero import _validate
from ligero.runtime import interpreter

_SAMPLE_MS = 1.0  # una muestra de la red dura al menos esto: si es más corta, se repite
_WARM_UP = 3
CONSTANTS = "solo lee constantes: se prepara una vez y se mide con el operador que lo usa"
_SUBGRAPHS = "incluye lo que ejecutan sus subgrafos"
_NO_VALUE = "no se puede aislar: LiteRT no da el valor de una de sus entradas"


@dataclass(frozen=True)
class Profile:
    """Perfil de un modelo, lote 1.

    Attributes:
        operators: Una fila por operador, en el orden del grafo: `indice`, `operador` (`CONV_2D`…), `salida` (forma),
            `ms` (mediana, sin el coste de invocar; NaN si no se ha podido aislar), `fraccion` de la suma y `nota`,
            que dice por qué falta el tiempo o qué incluye.
        total_ms: Mediana del modelo entero, en las mismas rondas y también sin el coste de invocar.
        invoke_ms: Lo que cuesta invocar un modelo sin operadores: lo que se ha restado.
        explained: Suma de los operadores entre el total (1 es explicarlo todo): mediana de los cocientes ronda a
            ronda, que aguanta mejor una máquina ocupada que el cociente de las medianas.
        samples: Los ms de cada ronda, sin restar nada: una columna por `indice` aislado, más `whole` y `empty`.
    """

    operators: pd.DataFrame
    total_ms: float
    invoke_ms: float
    explained: float
    samples: pd.DataFrame

    def by_type(self) -> pd.DataFrame:
        """Suma por tipo de operador, del que más tarda al que menos: `operador`, `cuantos`, `ms` y `fraccion`."""
        groups = self.operators.groupby("operador", sort=False)
        table = groups.agg(cuantos=("ms", "size"), ms=("ms", "sum"), fraccion=("fraccion", "sum"))
        return table.sort_values("ms", ascending=False).reset_index()


def profile(model: bytes | str | Path, rounds: int = 30, threads: int = 1) -> Profile:
    """Cronometra cada operador a solas, y el modelo entero en las mismas rondas.

    Cada operador va en un modelo propio (véase `isolate`) y recibe los valores que le llegan en la red. En cada ronda
    pasan todos en el orden del grafo, y la ronda siguiente empieza uno más allá: el ruido se reparte. La entrada se
    escribe justo antes de cronometrar: como en la red, está en la caché, y los pesos de las capas grandes no.

    Args:
        model: Los bytes del `.tflite` o la ruta.
        rounds: Rondas, 1 o más.
        threads: Hilos de cálculo.

    Returns:
        `Profile`. Los operadores que no se pueden aislar tienen fila, sin tiempo y con una nota que dice por qué.

    Raises:
        TypeError: Si `model` no son bytes ni una ruta, o `rounds` o `threads` no son enteros.
        ValueError: Como `read`; si LiteRT no puede ejecutar el modelo (por ejemplo, lleva un operador propio sin
            registrar); o si `rounds` o `threads` son menores que 1.
        FileNotFoundError: Si la ruta no existe.

    Example:
        >>> from ligero import convert, models
        >>> result = profile(convert.convert(models.digits_cnn(), "float32"), rounds=5)
        >>> list(result.operators["operador"])[:3]
        ['CONV_2D', 'CONV_2D', 'MAX_POOL_2D']
    """
    _validate.positive_int(rounds, "rounds")
    graph = read(model)
    values = run(model)
    runners, notes = {}, {}
    folded = constant_producers(graph)
    for index, operator in enumerate(graph.subgraphs[0].operators):
        notes[index] = CONSTANTS if index in folded else _SUBGRAPHS if _calls_subgraphs(operator) else ""
        if index in folded:
            continue
        try:
            runners[index] = load(isolate(graph, index, values), values, threads)
        except KeyError:
            notes[index] = _NO_VALUE
        except (ValueError, RuntimeError) as error:
            notes[index] = f"no se puede aislar: {_oneline(error)}"
    runners["whole"] = load(_validate.tflite(model), values, threads)
    runners["empty"] = load(empty_model(), {0: np.zeros(1, np.float32)}, threads)

    samples = time_rounds(runners, rounds)
    times = samples.median()
    empty = float(times["empty"])
    net = samples.drop(columns="empty") - empty
    explained = (net.drop(columns="whole").sum(axis=1) / net["whole"]).median()
    rows = []
    for index, operator in enumerate(graph.subgraphs[0].operators):
        shape = np.shape(values[operator.outputs[0]]) if operator.outputs and operator.outputs[0] in values else "?"
        ms = max(float(times[index]) - empty, 0.0) if index in runners else np.nan
        rows.append((index, name(graph, operator), str(shape), ms, notes[index]))
    table = pd.DataFrame(rows, columns=["indice", "operador", "salida", "ms", "nota"])
    table.insert(4, "fraccion", table["ms"] / table["ms"].sum())
    return Profile(table, float(times["whole"]) - empty, empty, float(explained), samples)


def read(model: bytes | str | Path) -> fb.ModelT:
    """Abre un `.tflite` como objeto, tras comprobar que LiteRT lo puede preparar y que se puede analizar.

    Args:
        model: Los bytes del `.tflite` o la ruta.

    Returns:
        `ModelT` del esquema de TensorFlow Lite.

    Raises:
        TypeError: Si `model` no son bytes ni una ruta.
        ValueError: Si está dañado, tiene varias firmas, entradas de forma abierta o ningún operador.
        FileNotFoundError: Si la ruta no existe.
    """
    content = _validate.tflite(model)
    interpreter(content)  # un modelo dañado o con un operador desconocido se explica aquí
    graph = fb.read_model_from_bytearray(content)
    signatures = [signature.signatureKey.decode() for signature in graph.signatureDefs or []]
    if len(signatures) > 1:
        raise ValueError(
            f"`model` tiene varias firmas ({', '.join(signatures)}) y `invoke` solo ejecuta la primera: "
            "convierte cada función a su propio .tflite y analízalos por separado."
        )
    if not graph.subgraphs[0].operators:
        raise ValueError("`model` no tiene ningún operador: no hay nada que cronometrar.")
    for tensor in (graph.subgraphs[0].tensors[i] for i in graph.subgraphs[0].inputs):
        if -1 in (tensor.shapeSignature or [])[1:]:
            raise ValueError(
                f"La entrada «{tensor.name.decode()}» de `model` deja abierta su forma ({tensor.shapeSignature}) y "
                "LiteRT pondría un 1: convierte la red con una entrada de tamaño fijo. El lote sí puede quedar abierto."
            )
    return graph


def name(graph: fb.ModelT, operator: fb.OperatorT) -> str:
    """Nombre del operador en el esquema (`CONV_2D`), o el suyo propio si es un operador `CUSTOM`."""
    code = graph.operatorCodes[operator.opcodeIndex]
    return code.customCode.decode() if code.customCode else fb.opcode_to_name(graph, operator.opcodeIndex)


def isolate(graph: fb.ModelT, index: int, values: dict[int, np.ndarray] | None = None) -> bytes:
    """Bytes de un `.tflite` con un solo operador de `graph`, el que está en la posición `index`.

    Sus entradas que no son constantes pasan a ser las del modelo, y sus salidas, las salidas; los tensores conservan su
    número. Si un peso llega por un operador que solo lee constantes (el `DEQUANTIZE` de float16), ese operador viaja
    con él: sin él, el peso dejaría de ser constante y XNNPACK usaría otra rutina. `values` (número de tensor → valor
    en la red) fija las formas que el fichero deja abiertas.
    """
    source = graph.subgraphs[0]
    folded = constant_producers(graph)
    chosen, pending = {index}, [source.operators[index]]
    while pending:
        needed = pending.pop().inputs
        new = {i for i in folded if set(source.operators[i].outputs) & set(needed)} - chosen
        chosen |= new
        pending += [source.operators[i] for i in new]
    operators = [source.operators[i] for i in sorted(chosen)]
    used = {t for operator in operators for t in (*operator.inputs, *operator.outputs) if t >= 0}
    made = {t for operator in operators for t in operator.outputs}

    only = copy.copy(source)
    only.operators = operators
    only.tensors = [copy.copy(tensor) for tensor in source.tensors]
    fixed = {t for t in used if source.tensors[t].isVariable or is_constant(graph, source.tensors[t])}
    only.inputs = sorted(used - made - fixed)
    only.outputs = [t for t in source.operators[index].outputs if t >= 0]
    for number, tensor in enumerate(only.tensors):
        if values is not None and number in only.inputs:
            tensor.shape = list(np.shape(values[number]))
        if number not in used:  # sigue en su sitio, pero no ocupa
            tensor.buffer, tensor.shape, tensor.quantization = 0, [], None
    result = copy.copy(graph)
    result.subgraphs = [only, *graph.subgraphs[1:]]
    result.signatureDefs = result.metadata = result.metadataBuffer = None
    keep = {tensor.buffer for subgraph in result.subgraphs for tensor in subgraph.tensors}
    result.buffers = [b if i in keep else fb.BufferT() for i, b in enumerate(graph.buffers)]
    return bytes(fb.convert_object_to_bytearray(result))


def run(model: bytes | str | Path) -> dict[int, np.ndarray]:
    """Ejecuta el modelo una vez, con entradas al azar, y conserva el valor de todos sus tensores.

    Args:
        model: Los bytes del `.tflite` o la ruta.

    Returns:
        Número de tensor → valor; faltan los que LiteRT no da.

    Raises:
        ValueError: Si LiteRT no lo puede ejecutar sin XNNPACK, que esconde los tensores intermedios.
    """
    runner = Interpreter(
        model_content=_validate.tflite(model),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    generator = np.random.default_rng(0)
    try:
        runner.allocate_tensors()
        for detail in runner.get_input_details():
            runner.set_tensor(detail["index"], _example(detail, generator))
        runner.invoke()
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"LiteRT no puede ejecutar `model` sin XNNPACK, y hace falta: {_oneline(error)}") from error
    values = {}
    for detail in runner.get_tensor_details():
        with contextlib.suppress(ValueError):  # sin valor: fuera, y su operador lo dirá
            values[detail["index"]] = runner.get_tensor(detail["index"])
    return values


def is_constant(graph: fb.ModelT, tensor: fb.TensorT) -> bool:
    """Si el valor del tensor está en el fichero."""
    return tensor.buffer > 0 and graph.buffers[tensor.buffer].data is not None


def constant_producers(graph: fb.ModelT) -> set[int]:
    """Operadores cuyo resultado no depende de la entrada del modelo."""
    subgraph = graph.subgraphs[0]
    constant, found = {i for i, tensor in enumerate(subgraph.tensors) if is_constant(graph, tensor)}, set()
    for index, operator in enumerate(subgraph.operators):
        inputs = {t for t in operator.inputs if t >= 0}
        if inputs and inputs <= constant and not _calls_subgraphs(operator):
            constant |= set(operator.outputs)
            found.add(index)
    return found


def _calls_subgraphs(operator: fb.OperatorT) -> bool:
    options = operator.builtinOptions
    return options is not None and any("ubgraphIndex" in field for field in vars(options))


def _example(detail: dict, generator: np.random.Generator) -> np.ndarray:
    """Valores al azar en el rango del tipo; ceros en lo que pueda ser un índice, una cadena o un lógico."""
    shape, dtype = detail["shape"], np.dtype(detail["dtype"])
    if dtype.kind == "f":
        return generator.uniform(-1, 1, shape).astype(dtype)
    if dtype.kind in "iu" and detail["quantization"][0] > 0:
        limits = np.iinfo(dtype)
        return generator.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    return np.zeros(shape, dtype)


def load(
    model: bytes, values: dict[int, np.ndarray], threads: int, kernels: OpResolverType = OpResolverType.AUTO
) -> tuple[Interpreter, dict[int, np.ndarray]]:
    """Intérprete ya calentado y los valores de sus entradas, tomados de `values` (número de tensor → valor)."""
    runner = interpreter(model, threads, kernels)
    inputs = {detail["index"]: values[detail["index"]] for detail in runner.get_input_details()}
    _time_ms((runner, inputs), 1)  # lo que falle al ejecutarse se anota ahora
    return runner, inputs


def empty_model() -> bytes:
    """Modelo sin operadores: su salida es su entrada."""
    tensor = fb.TensorT(shape=[1], name=b"x")
    graph = fb.SubGraphT(tensors=[tensor], inputs=[0], outputs=[0], operators=[])
    model = fb.ModelT(version=3, operatorCodes=[], subgraphs=[graph], buffers=[fb.BufferT()])
    return bytes(fb.convert_object_to_bytearray(model))


def time_rounds(runners: dict, rounds: int, even: bool = False) -> pd.DataFrame:
    """Milisegundos por invocación, por turnos: una fila por ronda y una columna por intérprete.

    Todos se repiten lo que pida `whole`; con `even`, cada uno lo suyo, para que sus muestras duren lo mismo.
    """
    chosen = runners if even else ["whole"]
    warm = {n: min(_time_ms(runners[n], 1) for _ in range(2 * _WARM_UP)) for n in chosen}
    repeats = {n: int(np.ceil(max(_SAMPLE_MS, *warm.values()) / warm[n if even else "whole"])) for n in runners}
    names, samples = list(runners), []
    for i in range(rounds + _WARM_UP):
        first = i % len(names)
        samples.append({n: _time_ms(runners[n], repeats[n]) / repeats[n] for n in names[first:] + names[:first]})
    return pd.DataFrame(samples[_WARM_UP:], columns=names)


def _time_ms(loaded: tuple[Interpreter, dict[int, np.ndarray]], repeats: int) -> float:
    runner, inputs = loaded
    for index, value in inputs.items():
        runner.set_tensor(index, value)
    start = time.perf_counter()
    for _ in range(repeats):
        runner.invoke()
    return (time.perf_counter() - start) * 1e3


def _oneline(error: Exception) -> str:
    return " ".join(str(error).split())
