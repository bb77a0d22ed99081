"""Ejecutar un `.tflite` con LiteRT en esta máquina."""

from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from ligero import _validate


def interpreter(
    model: bytes | str | Path, threads: int = 1, kernels: OpResolverType = OpResolverType.AUTO
) -> Interpreter:
    """Intérprete de LiteRT con la memoria reservada, listo para `set_tensor` e `invoke`.

    Args:
        model: Los bytes del `.tflite` o la ruta del fichero.
        threads: Hilos de cálculo, 1 o más.
        kernels: Juego de rutinas de cálculo; por defecto, XNNPACK y lo que no sepa, las de LiteRT.

    Returns:
        `ai_edge_litert.interpreter.Interpreter`.

    Raises:
        TypeError: Si `model` no son bytes ni una ruta, o `threads` no es un entero.
        ValueError: Si el modelo está truncado o dañado, o si algún operador no se puede preparar.
        FileNotFoundError: Si la ruta no existe.

    Example:
        >>> interpreter(b"hola")
        Traceback (most recent call last):
        ...
        ValueError: `model` no es un modelo .tflite: le falta el identificador «TFL3». Comprueba ...
    """
    content = _validate.tflite(model)
    _validate.positive_int(threads, "threads")
    try:
        result = Interpreter(model_content=content, num_threads=threads, experimental_op_resolver_type=kernels)
        result.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ValueError(
            f"LiteRT no puede preparar `model`: {error}. Si el fichero está truncado o dañado, conviértelo otra vez."
        ) from error
    return result


def predict(model: bytes | str | Path, x: np.ndarray, threads: int = 1) -> np.ndarray:
    """Pasa `x` por el modelo de uno en uno, como en el dispositivo.

    Si la entrada o la salida son enteras, cuantiza y decuantiza con la escala y el punto cero del propio fichero.

    Args:
        model: Los bytes del `.tflite` o la ruta; una entrada y una salida.
        x: Ejemplos en las unidades del modelo original, forma `(n, …)`.
        threads: Hilos de cálculo.

    Returns:
        Salidas `float32`, forma `(n, …)`.

    Raises:
        TypeError: Si `model` o `x` no son del tipo pedido.
        ValueError: Si el modelo está dañado, tiene varias entradas o salidas, o `x` no tiene la forma que pide.
        FileNotFoundError: Si la ruta no existe.

    Example:
        >>> from ligero import convert, data, models
        >>> x, _ = data.digits()
        >>> predict(convert.convert(models.digits_cnn(), "float32"), x[:5]).shape
        (5, 10)
    """
    runner = interpreter(model, threads)
    inputs, outputs = runner.get_input_details(), runner.get_output_details()
    if len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(
            f"`model` tiene {len(inputs)} entradas y {len(outputs)} salidas; `predict` sirve para una y una. "
            "Usa `runtime.interpreter` y `set_tensor` con cada una."
        )
    source, target = inputs[0], outputs[0]
    x = _validate.array(x, "x", like=(None, *(int(n) for n in source["shape"][1:])))
    codes = _quantize(x, source)
    results = np.empty((len(x), *target["shape"][1:]), target["dtype"])
    for i, example in enumerate(codes):
        runner.set_tensor(source["index"], example[np.newaxis])
        runner.invoke()
        results[i] = runner.get_tensor(target["index"])[0]
    return _dequantize(results, target)


def hits(model: bytes | str | Path, x: np.ndarray, y: np.ndarray, threads: int = 1) -> np.ndarray:
    """Aciertos del modelo, ejemplo a ejemplo: la materia prima de `accuracy` y `paired_difference`.

    Args:
        model: Los bytes del `.tflite` o la ruta; su salida da una puntuación por clase.
        x: Ejemplos, forma `(n, …)`.
        y: Etiquetas enteras, forma `(n,)`.
        threads: Hilos de cálculo.

    Returns:
        Vector `bool` de forma `(n,)`: `True` donde la clase con más puntuación es la etiqueta.

    Raises:
        TypeError: Como `predict`.
        ValueError: Como `predict`, o si la salida no es una puntuación por clase, o `x` e `y` no van por parejas.
        FileNotFoundError: Si la ruta no existe.

    Example:
        >>> from ligero import convert, data, models
        >>> x, y = data.digits()
        >>> hits(convert.convert(models.digits_cnn(), "float32"), x[:5], y[:5]).dtype
        dtype('bool')
    """
    y = _validate.array(y, "y", like=(None,))
    outputs = predict(model, x, threads)
    if outputs.ndim != 2 or outputs.shape[1] < 2:
        raise ValueError(
            f"`model` da {outputs.shape[1:]} por ejemplo y `hits` necesita una puntuación por clase. Con una sola "
            "salida sigmoide, compara tú: `(predict(model, x)[:, 0] > 0.5) == y`."
        )
    if len(outputs) != len(y):
        raise ValueError(f"`x` tiene {len(outputs)} ejemplos e `y` {len(y)} etiquetas: deben ir por parejas.")
    return outputs.argmax(axis=-1) == y


def _quantize(x: np.ndarray, detail: dict) -> np.ndarray:
    scale, zero_point = detail["quantization"]
    if not np.issubdtype(detail["dtype"], np.integer) or scale == 0:
        return x.astype(detail["dtype"])
    limits = np.iinfo(detail["dtype"])
    return np.clip(np.round(x / scale) + zero_point, limits.min, limits.max).astype(detail["dtype"])


def _dequantize(codes: np.ndarray, detail: dict) -> np.ndarray:
    scale, zero_point = detail["quantization"]
    if not np.issubdtype(codes.dtype, np.integer) or scale == 0:
        return codes.astype(np.float32)
    return (codes.astype(np.float32) - zero_point) * np.float32(scale)
