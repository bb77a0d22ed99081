"""El tejado (*roofline*): lo que la máquina permite y lo que pide cada operador."""

import timeit
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from ai_edge_litert.tools import flatbuffer_utils as fb

from ligero import _validate
from ligero.inspection import profiler
from ligero.runtime import interpreter

# Una operación por elemento de la salida.
_ELEMENTWISE = (
    "ADD SUB MUL DIV MAXIMUM MINIMUM RELU RELU6 RELU_N1_TO_1 LEAKY_RELU PRELU HARD_SWISH LOGISTIC TANH ABS NEG SQRT "
    "RSQRT SQUARE SQUARED_DIFFERENCE EXP LOG GELU ELU GREATER LESS EQUAL"
)
# Ninguna: mueven datos o cambian su tipo.
_MOVES = (
    "RESHAPE SHAPE PACK UNPACK PAD PADV2 MIRROR_PAD CONCATENATION TRANSPOSE STRIDED_SLICE SLICE SPLIT SQUEEZE "
    "EXPAND_DIMS GATHER QUANTIZE DEQUANTIZE CAST FILL RESIZE_NEAREST_NEIGHBOR"
)
_PER_OUTPUT = dict.fromkeys(_ELEMENTWISE.split(), 1) | dict.fromkeys(_MOVES.split(), 0)


@dataclass(frozen=True)
class Peaks:
    """Lo que da esta máquina con los hilos pedidos: `gflops` (10⁹ operaciones float32/s) y `gbs` (10⁹ bytes/s)."""

    gflops: float
    gbs: float

    @property
    def ridge(self) -> float:
        """Intensidad (operaciones por byte) desde la que limita el cálculo y no la memoria."""
        return self.gflops / self.gbs

    def roof(self, intensity: np.ndarray) -> np.ndarray:
        """Máximo de GFLOP/s para cada intensidad aritmética, en operaciones por byte."""
        return np.minimum(self.gflops, self.gbs * np.asarray(intensity))


def machine_peaks(threads: int = 1, size: int = 512, megabytes: int = 128, repeats: int = 15) -> Peaks:
    """Mide los dos límites: un producto de matrices float32 con LiteRT y la copia de un array mayor que la caché.

    Se queda con lo mejor de varias repeticiones: un pico es lo que la máquina puede dar.

    Args:
        threads: Hilos del producto. La copia usa siempre uno: es lo que mueve un núcleo.
        size: Lado de las matrices cuadradas.
        megabytes: Tamaño del array, varias veces el de la última caché.
        repeats: Repeticiones, 1 o más.

    Returns:
        `Peaks`.

    Raises:
        TypeError: Si algún argumento no es un entero.
        ValueError: Si alguno es menor que 1.

    Source:
        Williams, Waterman y Patterson (2009), «Roofline»; McCalpin (1995), STREAM (copia: se lee y se escribe).

    Example:
        >>> peaks = machine_peaks(size=256, megabytes=8, repeats=2)
        >>> peaks.gflops > 0 and peaks.gbs > 0
        True
    """
    for argument, value in (("threads", threads), ("size", size), ("megabytes", megabytes), ("repeats", repeats)):
        _validate.positive_int(value, argument)
    source = np.ones(megabytes * 10**6 // 8)
    target = np.empty_like(source)
    runner = interpreter(product(size), threads)
    runner.set_tensor(0, np.ones((size, size), np.float32))
    fastest = min(timeit.repeat(runner.invoke, number=1, repeat=repeats))
    copied = min(timeit.repeat(lambda: np.copyto(target, source), number=1, repeat=repeats))
    return Peaks(2 * size**3 / fastest / 1e9, 2 * source.nbytes / copied / 1e9)


def operations(model: bytes | str | Path) -> pd.DataFrame:
    """Operaciones aritméticas y bytes de cada operador, contados de las formas del fichero.

    Una multiplicación con su suma son dos operaciones. Los bytes son los de cada tensor que lee o escribe, una vez:
    lo mínimo que tendría que viajar. Se cuenta un ejemplo, que es como sale del convertidor.

    Args:
        model: Los bytes del `.tflite` o la ruta.

    Returns:
        Una fila por operador, en el orden del grafo: `indice`, `operador`, `operaciones`, `bytes`, `intensidad`
        (operaciones por byte) y `nota`. Donde no se sabe contar hay NaN y una nota que lo dice.

    Raises:
        TypeError: Si `model` no son bytes ni una ruta.
        ValueError: Lo mismo que `profiler.profile`.
        FileNotFoundError: Si la ruta no existe.

    Example:
        >>> from ligero import convert, models
        >>> table = operations(convert.convert(models.digits_cnn(), "float32"))
        >>> int(table["operaciones"][0]) == 2 * 8 * 8 * 16 * 3 * 3
        True
    """
    graph = profiler.read(model)
    values = profiler.run(model)
    rows = []
    for index, operator in enumerate(graph.subgraphs[0].operators):
        kind = profiler.name(graph, operator)
        tensors = [t for t in {*operator.inputs, *operator.outputs} if t >= 0]
        try:
            count = _count(kind, operator, values)
            size = float(sum(_bytes(graph, t, values) for t in tensors))
            note = "" if count is not None else f"no sé contar las operaciones de {kind}"
        except KeyError:
            count, size, note = None, np.nan, "LiteRT no da el valor de uno de sus tensores"
        count = np.nan if count is None else float(count)
        rows.append((index, kind, count, size, count / size if size else np.nan, note))
    return pd.DataFrame(rows, columns=["indice", "operador", "operaciones", "bytes", "intensidad", "nota"])


def product(size: int) -> bytes:
    """Modelo con una sola capa densa: el producto de dos matrices de lado `size`, con los núcleos de LiteRT."""
    weights = np.random.default_rng(0).uniform(-1, 1, (size, size)).astype(np.float32)
    tensors = [fb.TensorT(shape=[size, size], buffer=b, name=n) for b, n in ((0, b"x"), (1, b"w"), (0, b"y"))]
    dense = fb.OperatorT(inputs=[0, 1, -1], outputs=[2], builtinOptions=fb.FullyConnectedOptionsT())
    dense.builtinOptionsType = fb.BuiltinOptions.FullyConnectedOptions
    code = fb.BuiltinOperator.FULLY_CONNECTED
    graph = fb.ModelT(version=3, operatorCodes=[fb.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=code)])
    graph.subgraphs = [fb.SubGraphT(tensors=tensors, inputs=[0], outputs=[2], operators=[dense])]
    graph.buffers = [fb.BufferT(), fb.BufferT(data=np.frombuffer(weights.tobytes(), np.uint8))]
    return bytes(fb.convert_object_to_bytearray(graph))


def _count(kind: str, operator: fb.OperatorT, values: dict[int, np.ndarray]) -> int | None:
    inputs = [values[t].shape if t >= 0 else () for t in operator.inputs]
    if not operator.inputs or not operator.outputs:
        return None
    source, output = values[operator.inputs[0]].size, values[operator.outputs[0]].size
    if kind in _PER_OUTPUT:
        return _PER_OUTPUT[kind] * output
    match kind:
        case "CONV_2D":  # núcleo: (salidas, alto, ancho, entradas)
            return 2 * output * int(np.prod(inputs[1][1:]))
        case "DEPTHWISE_CONV_2D":  # núcleo: (1, alto, ancho, canales)
            return 2 * output * int(np.prod(inputs[1][1:3]))
        case "TRANSPOSE_CONV":  # la entrada es la tercera; cada elemento se reparte por todo el núcleo
            return 2 * values[operator.inputs[2]].size * int(np.prod(inputs[1][:3]))
        case "FULLY_CONNECTED":
            return 2 * output * inputs[1][-1]
        case "BATCH_MATMUL":
            rows = inputs[0][-2] if operator.builtinOptions.adjX else inputs[0][-1]
            return 2 * output * rows
        case "AVERAGE_POOL_2D" | "MAX_POOL_2D":
            return output * operator.builtinOptions.filterHeight * operator.builtinOptions.filterWidth
        case "MEAN" | "SUM" | "REDUCE_MAX" | "REDUCE_MIN":
            return source
        case "SOFTMAX":  # máximo, resta, exponencial, suma y división
            return 5 * output
    return None


def _bytes(graph: fb.ModelT, tensor: int, values: dict[int, np.ndarray]) -> int:
    """Bytes del tensor: los del fichero si es constante (int4 ocupa medio), los de su valor si no."""
    data = graph.buffers[graph.subgraphs[0].tensors[tensor].buffer].data
    return values[tensor].nbytes if data is None else len(data)
