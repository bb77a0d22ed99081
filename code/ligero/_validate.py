"""Comprobaciones de argumentos compartidas: un mensaje en español que nombra el argumento y el remedio."""

from pathlib import Path

import numpy as np

# Los bytes 4–7 de todo fichero FlatBuffers llevan el identificador de su formato.
_TFLITE_IDENTIFIER = b"TFL3"


def positive_int(value: object, name: str, *, least: int = 1) -> int:
    """Devuelve `value` como entero de `least` o más, o explica por qué no lo es."""
    number = _integer(value, name)
    if number < least:
        raise ValueError(f"`{name}` debe ser {least} o más; has pasado {number}.")
    return number


def seed(value: object) -> int:
    """Devuelve `value` como semilla: un entero de 0 a 2**32 - 1."""
    number = _integer(value, "seed")
    if not 0 <= number < 2**32:
        raise ValueError(f"`seed` debe estar entre 0 y 2**32 - 1; has pasado {number}.")
    return number


def array(value: object, name: str, *, like: tuple[int | None, ...] | None = None) -> np.ndarray:
    """Devuelve `value` como array numérico, no vacío y sin NaN ni infinitos.

    `like` fija la forma: `(None, 8, 8, 1)` admite cualquier número de filas.
    """
    if value is None or isinstance(value, str | bytes):
        raise TypeError(f"`{name}` debe ser un array de números; has pasado {_describe(value)}.")
    try:
        result = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"`{name}` tiene filas de longitudes distintas: iguálalas antes.") from error
    if result.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` debe contener números, no «{result.dtype}»: conviértelo con `.astype(...)`.")
    if result.size == 0:
        raise ValueError(f"`{name}` está vacío: hace falta al menos un elemento.")
    if result.dtype.kind == "f" and not np.isfinite(result).all():
        raise ValueError(f"`{name}` contiene NaN o infinitos: límpialo antes (`np.nan_to_num`, o quita esas filas).")
    if like is not None and (
        result.ndim != len(like) or any(n not in (None, m) for n, m in zip(like, result.shape, strict=True))
    ):
        wanted = tuple("n" if n is None else n for n in like)
        raise ValueError(
            f"`{name}` debe tener la forma {wanted}; tiene {result.shape}. Cámbiala con `.reshape(...)`.".replace(
                "'", ""
            )
        )
    return result


def hits(value: object, name: str) -> np.ndarray:
    """Devuelve `value` como vector de aciertos (bool)."""
    result = array(value, name, like=(None,))
    if result.dtype != bool:
        raise TypeError(
            f"`{name}` debe ser un vector de aciertos (bool), no de «{result.dtype}»: "
            "calcula `prediccion == etiqueta`, o usa `runtime.hits`."
        )
    return result


def tflite(model: object, name: str = "model") -> bytes:
    """Devuelve los bytes de un modelo `.tflite` dado como bytes o como ruta de fichero."""
    if isinstance(model, str | Path):
        path = Path(model)
        if not path.is_file():
            raise FileNotFoundError(f"`{name}`: no hay ningún fichero «{path}». Comprueba la ruta.")
        model = path.read_bytes()
    if not isinstance(model, bytes | bytearray):
        raise TypeError(
            f"`{name}` debe ser un modelo .tflite (bytes o ruta); has pasado {_describe(model)}. "
            "Un modelo de Keras se convierte antes con `convert.convert`."
        )
    if model[4:8] != _TFLITE_IDENTIFIER:
        raise ValueError(
            f"`{name}` no es un modelo .tflite: le falta el identificador «TFL3». "
            "Comprueba que el fichero es el que devolvió el convertidor y que no está vacío ni comprimido."
        )
    return bytes(model)


def _integer(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"`{name}` debe ser un entero; has pasado {_describe(value)}.")
    return int(value)


def _describe(value: object) -> str:
    return "None" if value is None else f"un {type(value).__name__}"
