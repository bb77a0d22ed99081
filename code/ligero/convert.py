"""De Keras a `.tflite`, con los esquemas de cuantización por su nombre."""

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ligero import _validate
from ligero._tensorflow import ConverterError, keras, tf

#: Los esquemas que entiende `convert`, del que menos aprieta al que más cuidado pide.
SCHEMES = ("float32", "float16", "dynamic", "int8", "int16x8")
_NEED_DATA = ("int8", "int16x8")


def representative_dataset(x: np.ndarray) -> Callable[[], Iterator[list[np.ndarray]]]:
    """Envuelve unas entradas como las pide el convertidor: una función que las da de una en una.

    Args:
        x: Entradas de muestra, ya preprocesadas como en inferencia, forma `(n, …)`.

    Returns:
        Función sin argumentos; cada llamada empieza de nuevo y da listas `[entrada]`, `float32` `(1, …)`.

    Raises:
        TypeError: Si `x` no es un array de números.
        ValueError: Si está vacío o contiene NaN o infinitos.

    Example:
        >>> generator = representative_dataset(np.zeros((3, 8, 8, 1)))
        >>> [sample[0].shape for sample in generator()]
        [(1, 8, 8, 1), (1, 8, 8, 1), (1, 8, 8, 1)]
    """
    x = _validate.array(x, "x").astype(np.float32)

    def generator() -> Iterator[list[np.ndarray]]:
        for example in x:
            yield [example[np.newaxis]]

    return generator


def convert(model: "keras.Model | str | Path", scheme: str, representative: np.ndarray | None = None) -> bytes:
    """Convierte un modelo con uno de los esquemas de `SCHEMES`.

    `int8` deja enteras también la entrada y la salida; `int16x8` las deja en `float32`.

    Args:
        model: Modelo de Keras 3 entrenado, de una entrada, o la carpeta de un SavedModel. Exportarlo una vez y
            pasar la carpeta ahorra tiempo cuando se convierte varias veces.
        scheme: `float32`, `float16`, `dynamic` (rango dinámico), `int8` o `int16x8`.
        representative: Entradas de muestra para calibrar, forma `(n, …)`; las piden `int8` e `int16x8`.

    Returns:
        Los bytes del `.tflite`.

    Raises:
        TypeError: Si `model` no es un modelo de Keras 3 ni una carpeta.
        ValueError: Si el esquema no existe; si le faltan las entradas de muestra, le sobran o no tienen la forma que
            pide el modelo; o si el convertidor no admite algún operador.
        FileNotFoundError: Si la carpeta no contiene un SavedModel.

    Source:
        Guía «Post-training quantization» de TensorFlow Lite / LiteRT.

    Example:
        >>> from ligero import models
        >>> model = models.digits_cnn(filters=4, hidden=16)
        >>> len(convert(model, "float16")) < len(convert(model, "float32"))
        True
    """
    if scheme not in SCHEMES:
        raise ValueError(f"`scheme` debe ser uno de {', '.join(SCHEMES)}; has pasado {scheme!r}.")
    if scheme in _NEED_DATA and representative is None:
        raise ValueError(
            f"El esquema {scheme} necesita `representative`: unas 100 entradas como las de inferencia, "
            "por ejemplo `representative=x_train[:100]`."
        )
    if scheme not in _NEED_DATA and representative is not None:
        raise ValueError(f"El esquema {scheme} no usa datos: quita `representative`, o elige int8 o int16x8.")

    if isinstance(model, keras.Model):
        with tempfile.TemporaryDirectory() as folder:
            model.export(folder, verbose=False)
            return convert(folder, scheme, representative)
    if not isinstance(model, str | Path):
        raise TypeError(
            "`model` debe ser un modelo de Keras 3 o la carpeta de un SavedModel; has pasado un "
            f"{type(model).__module__}.{type(model).__name__}. Uno de `tf_keras` se guarda antes con "
            '`model.export("carpeta")`.'
        )
    if not (Path(model) / "saved_model.pb").is_file():
        raise FileNotFoundError(f"`model`: en «{model}» no hay ningún SavedModel. Créalo con `model.export(...)`.")

    converter = tf.lite.TFLiteConverter.from_saved_model(str(model))
    if scheme != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if scheme == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if scheme in _NEED_DATA:
        converter.representative_dataset = representative_dataset(representative)
    if scheme == "int8":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
    if scheme == "int16x8":
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
    try:
        return converter.convert()
    except (RuntimeError, ValueError, ConverterError) as error:
        if representative is not None and re.search(r"resize|dim", str(error)):
            raise ValueError(
                f"El modelo no acepta `representative`, de forma {np.shape(representative)}: pasa entradas como las "
                f"de inferencia, con la misma forma y una por fila. LiteRT dice: {error}"
            ) from error
        raise ValueError(
            f"El convertidor no puede con este modelo y el esquema {scheme}: ¿algún operador sin versión para él, "
            f"o más de una entrada? Dice: {error}"
        ) from error
