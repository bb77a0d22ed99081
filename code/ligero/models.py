"""Redes de referencia del curso, pequeñas y con semilla.

Todas las de este módulo son de Keras 3, el Keras que ya conoce quien llega al curso. Las redes que pasan por
`tensorflow-model-optimization` (QAT, poda, agrupación) necesitan `tf_keras`: su capítulo lo dice y las construye.
"""

import numpy as np

from ligero import _validate
from ligero._tensorflow import keras


def digits_cnn(filters: int = 16, hidden: int = 192, seed: int = 0) -> "keras.Model":
    """Red convolucional para las cifras de 8×8: dos convoluciones y dos capas densas, sin compilar.

    Con los valores por defecto tiene 105 226 parámetros: bastantes para que en su `.tflite` pesen los pesos y no
    la estructura del fichero. La salida son logits (sin softmax).

    Args:
        filters: Filtros de la primera convolución; la segunda lleva el doble.
        hidden: Neuronas de la capa densa intermedia.
        seed: Semilla de los pesos iniciales (fija también la de NumPy y la de Python).

    Returns:
        Modelo de Keras 3: entrada `float32` `(n, 8, 8, 1)`, salida `float32` `(n, 10)`.

    Raises:
        TypeError: Si `filters`, `hidden` o `seed` no son enteros.
        ValueError: Si `filters` o `hidden` son menores que 1, o `seed` es negativa.

    Example:
        >>> digits_cnn().count_params()
        105226
    """
    _validate.positive_int(filters, "filters")
    _validate.positive_int(hidden, "hidden")
    keras.utils.set_random_seed(_validate.seed(seed))
    return keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            keras.layers.Conv2D(filters, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(2 * filters, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(hidden, activation="relu"),
            keras.layers.Dense(10),
        ],
        name="digits_cnn",
    )


def pets_cnn(size: int = 64, seed: int = 0) -> "keras.Model":
    """Red convolucional para distinguir gatos de perros: cuatro convoluciones con normalización, sin compilar.

    La primera avanza de dos en dos píxeles y las demás reducen a la mitad. La salida son logits (sin softmax).

    Args:
        size: Lado de las imágenes, en píxeles, 16 o más.
        seed: Semilla de los pesos iniciales (fija también la de NumPy y la de Python).

    Returns:
        Modelo de Keras 3: entrada `float32` en [0, 1] de forma `(n, size, size, 3)`, salida `float32` `(n, 2)`.

    Raises:
        TypeError: Si `size` o `seed` no son enteros.
        ValueError: Si `size` es menor que 16 o `seed` es negativa.

    Example:
        >>> pets_cnn().count_params()
        47282
    """
    if _validate.positive_int(size, "size") < 16:
        raise ValueError(f"`size` debe ser 16 o más, porque la red reduce la imagen 16 veces; has pasado {size}.")
    keras.utils.set_random_seed(_validate.seed(seed))
    layers = [keras.layers.Input((size, size, 3))]
    for i, filters in enumerate((16, 32, 48, 64)):
        layers += [
            keras.layers.Conv2D(filters, 3, strides=1 if i else 2, padding="same", use_bias=False),
            # Con épocas de pocos lotes, el 0.99 por defecto tarda demasiado en olvidar los primeros.
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
        ]
        if i:
            layers.append(keras.layers.MaxPooling2D())
    return keras.Sequential([*layers, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)], name="pets_cnn")


def train(model: "keras.Model", x, y, *, epochs: int = 12, seed: int = 0) -> "keras.Model":
    """Entrena un clasificador de logits con Adam y lotes de 32, en silencio.

    Args:
        model: Modelo de Keras 3 sin compilar; se entrena en el sitio.
        x: Entradas, `float32`, con la forma que pide el modelo.
        y: Etiquetas enteras, forma `(n,)`.
        epochs: Pasadas por los datos.
        seed: Semilla del orden de los lotes.

    Returns:
        El mismo modelo, entrenado.

    Raises:
        TypeError: Si `model` no es de Keras 3, `x` o `y` no son números, o `epochs` o `seed` no son enteros.
        ValueError: Si `x` o `y` están vacíos, contienen NaN, no van por parejas o no son los que pide el modelo.

    Example:
        >>> from ligero import data
        >>> x, y = data.digits()
        >>> model = train(digits_cnn(filters=4, hidden=16), x[:200], y[:200], epochs=1)
        >>> model.output_shape
        (None, 10)
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` debe ser un modelo de Keras 3; has pasado un {type(model).__name__}.")
    if len(getattr(model, "inputs", None) or ()) != 1:
        raise ValueError("`model` debe tener una entrada declarada con `Input`: construye la red antes de entrenarla.")
    x = _validate.array(x, "x", like=(None, *model.input_shape[1:]))
    y = _validate.array(y, "y", like=(None,))
    _validate.positive_int(epochs, "epochs")
    if len(x) != len(y):
        raise ValueError(f"`x` tiene {len(x)} ejemplos e `y` {len(y)} etiquetas: deben ir por parejas.")
    classes = model.output_shape[-1]
    if y.min() < 0 or y.max() >= classes or (y != np.round(y)).any():
        raise ValueError(f"`y` debe tener etiquetas enteras de 0 a {classes - 1}, una por salida de la red.")
    keras.utils.set_random_seed(_validate.seed(seed))
    model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    return model
