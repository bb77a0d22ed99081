"""Decir en un cuaderno lo que se ha medido: frases, tablas y cifras que otras páginas pueden citar.

Toda salida es Markdown del que entienden por igual el libro, JupyterLab y Colab. Una regla: un número con
decimales es una medida; un entero es exacto (véase `CONTRIBUTING.md`).
"""

from math import isfinite, isnan
from numbers import Integral, Real

import pandas as pd
from IPython.display import Markdown, display
from pandas.api.types import is_bool_dtype, is_numeric_dtype

_THIN_SPACE = "\u202f"
# El prefijo con que MyST-NB reconoce las cifras guardadas para `{glue}`.
_GLUE_PREFIX = "application/papermill.record/"


def number(value: float, decimals: int = 2) -> str:
    """Escribe un número a la manera del curso: punto decimal y miles separados por un espacio fino.

    Args:
        value: El número; los enteros, también los de NumPy, salen sin decimales.
        decimals: Decimales de los que no son enteros.

    Returns:
        El texto.

    Raises:
        TypeError: Si `value` no es un número.
        ValueError: Si es NaN o infinito.

    Example:
        >>> number(425000), number(12.3456), number(-1234.5, 1)
        ('425\u202f000', '12.35', '-1\u202f234.5')
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"`value` debe ser un número; has pasado un {type(value).__name__}.")
    if not isfinite(value):
        raise ValueError(f"`value` es {value}; revisa la medida de la que sale.")
    text = f"{int(value):,}" if isinstance(value, Integral) else f"{float(value):,.{decimals}f}"
    return text.replace(",", _THIN_SPACE)


def say(text: str) -> None:
    """Muestra un texto en Markdown: así se escriben las frases que llevan números medidos.

    Args:
        text: El Markdown; se le quitan las líneas en blanco de los extremos.

    Raises:
        TypeError: Si `text` no es una cadena.
    """
    if not isinstance(text, str):
        raise TypeError(f"`text` debe ser una cadena; has pasado un {type(text).__name__}.")
    display(Markdown(text.strip()))


def table(rows: pd.DataFrame, decimals: int = 2) -> None:
    """Muestra una tabla con los números escritos a la manera del curso.

    Args:
        rows: La tabla; el índice no se muestra. Los números quedan a la derecha; el resto, a la izquierda. Un dato
            que falta se escribe «—», y un valor lógico, «sí» o «no».
        decimals: Decimales de las columnas `float`.

    Raises:
        TypeError: Si `rows` no es un `DataFrame`.
        ValueError: Si no tiene filas o repite el nombre de una columna.
    """
    if not isinstance(rows, pd.DataFrame):
        raise TypeError(f"`rows` debe ser un DataFrame de pandas; has pasado un {type(rows).__name__}.")
    if rows.empty:
        raise ValueError("`rows` no tiene filas: no hay nada que mostrar.")
    if not rows.columns.is_unique:
        raise ValueError("`rows` tiene columnas con el mismo nombre: dales nombres distintos.")
    numeric = [is_numeric_dtype(rows[column]) and not is_bool_dtype(rows[column]) for column in rows]
    texts = pd.DataFrame({column: [_cell(value, decimals) for value in rows[column].tolist()] for column in rows})
    align = ["right" if is_number else "left" for is_number in numeric]
    say(texts.to_markdown(index=False, colalign=align, disable_numparse=True))


def glue(name: str, value: str) -> None:
    """Guarda una cifra con nombre, invisible en el cuaderno, para citarla en una página `.md` del libro.

    En la página se escribe con el rol `glue:text` de MyST-NB: ruta del cuaderno, `::`, nombre y `:s`.

    Args:
        name: Nombre único en el libro, por ejemplo `"ptq-razon-int8"`.
        value: La cifra ya escrita, por ejemplo `number(0.274)`.

    Raises:
        TypeError: Si alguno no es una cadena.
        ValueError: Si alguno está vacío.
    """
    for argument, content in (("name", name), ("value", value)):
        if not isinstance(content, str):
            raise TypeError(f"`{argument}` debe ser una cadena; has pasado un {type(content).__name__}.")
        if not content:
            raise ValueError(f"`{argument}` está vacío: hace falta un texto.")
    display(
        {_GLUE_PREFIX + "text/plain": value},
        raw=True,
        metadata={"scrapbook": {"name": name, "mime_prefix": _GLUE_PREFIX}},
    )


def _cell(value: object, decimals: int) -> str:
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, Real):
        return "—" if isnan(value) else number(value, decimals)
    return str(value).replace("|", r"\|")
