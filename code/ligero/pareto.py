"""El frente de Pareto de unas variantes, y una figura para explorarlo que no necesita servidor ni red.

Todo se calcula aquí: una vista son los atributos de sus elementos, y el guion de la página solo los cambia. Así la
figura está entera aunque no haya guion. Los elementos son siempre los mismos, en el mismo orden y con decimales en todo
lo medido: dos ejecuciones se pueden comparar.
"""

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

import numpy as np
import pandas as pd
from IPython.display import display
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from ligero.report import number

_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 478, 30, 392
_LABELS, _GAP, _TICKS = 508, 22, 10
_STEPS = [m * 10.0**e for e in range(-9, 10) for m in (1, 2, 5)]
#: Las formas, en el orden en que las toman las familias.
SHAPES = {
    "●": "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z",
    "■": "M-5.5 -5.5h11v11h-11z",
    "▲": "M0 -7L7 6H-7z",
    "◆": "M0 -8L8 0L0 8L-8 0z",
    "▼": "M0 7L7 -6H-7z",
    "✚": "M-2.5 -7h5v4.5h4.5v5h-4.5v4.5h-5v-4.5h-4.5v-5h4.5z",
}


def front(rows: pd.DataFrame, *, minimize: str | Sequence[str] = (), maximize: str | Sequence[str] = ()) -> np.ndarray:
    """Dice qué filas están en el frente de Pareto: aquellas a las que ninguna otra domina.

    Una fila domina a otra si es igual o mejor en todo y mejor en algo. Dos filas iguales no se dominan.

    Args:
        rows: Una fila por variante.
        minimize: Columna o columnas en que menos es mejor.
        maximize: Columna o columnas en que más es mejor.

    Returns:
        Vector `bool` de forma `(n,)`. Una fila con algún NaN ni está en el frente ni domina a nadie.

    Raises:
        TypeError: Si `rows` no es un `DataFrame` o alguna columna no es de números.
        ValueError: Si no hay filas o columnas, o una columna se pide dos veces.
        KeyError: Si falta alguna columna.

    Example:
        >>> rows = pd.DataFrame({"kB": [9.0, 5.0, 7.0], "exactitud": [90.0, 88.0, 87.0]})
        >>> front(rows, minimize="kB", maximize="exactitud").tolist()
        [True, True, False]
    """
    less, more = ([names] if isinstance(names, str) else list(names) for names in (minimize, maximize))
    _check(rows, [*less, *more])
    costs = np.hstack([rows[less].to_numpy(float), -rows[more].to_numpy(float)])
    known = ~np.isnan(costs).any(axis=1)
    no_worse, better = ((op(costs[:, None], costs)) for op in (np.less_equal, np.less))
    dominates = no_worse.all(axis=2) & better.any(axis=2)
    return known & ~dominates[known].any(axis=0)


def explore(rows: pd.DataFrame, x: Mapping[str, str], y: Mapping[str, str], *, kind: str, name: str = "") -> None:
    """Muestra las variantes y su frente, y deja elegir los ejes con el ratón o con el teclado.

    Las variantes se distinguen por su forma y su rótulo, y las del frente van rellenas: nada depende del color.

    Args:
        rows: Una fila por variante, en el orden en que se recorrerán; el índice es su nombre.
        x: Columna → rótulo con unidad de cada eje horizontal posible; en todos, menos es mejor.
        y: Lo mismo, en vertical; en todos, más es mejor.
        kind: Columna con la familia de cada variante, que decide su forma.
        name: Nombre con que citar la figura en una página `.md` del libro, con la directiva `glue`.

    Raises:
        TypeError: Si `rows` no es un `DataFrame` o la columna de algún eje no es de números.
        ValueError: Si no hay filas o ejes, se repite un nombre, sobran familias o un eje no tiene ninguna medida.
        KeyError: Si falta alguna columna.
    """
    _check(rows, [*x, *y])
    kinds = list(dict.fromkeys(rows[kind]))
    if len(kinds) > len(SHAPES) or not rows.index.is_unique:
        raise ValueError(f"`rows` admite hasta {len(SHAPES)} familias, y ningún nombre repetido en el índice.")
    views = [[_view(rows, column, x[column], other, y[other]) for other in y] for column in x]
    axes = [{"label": "Horizontal:", "options": list(x.values())}, {"label": "Vertical:", "options": list(y.values())}]
    content = json.dumps({"axes": axes, "views": views}, ensure_ascii=False).replace("<", "\\u003c")
    shapes = dict(zip(kinds, SHAPES.items(), strict=False))
    legend = " · ".join(f"{mark} {escape(str(k))}" for k, (mark, _) in shapes.items())
    drawing = _drawing(rows, views[0][0], {**y, **x}, [shapes[k][1] for k in rows[kind]])
    markup = f"""<div class="pareto"><p class="mandos"></p>
<div class="caja"><svg viewBox="0 0 660 440" role="group" aria-label="Frente de Pareto">{drawing}</svg></div>
<p>{legend}. Rellenas y unidas por la línea, las del frente.</p><p class="lectura" aria-live="polite"></p>
<script type="application/json">{content}</script>
{files("ligero").joinpath("resources", "pareto.html").read_text(encoding="utf-8")}</div>"""
    text = "Frente de Pareto que se puede explorar en el libro, en Jupyter y en Colab."
    metadata = {"scrapbook": {"name": name, "mime_prefix": ""}} if name else {}
    display({"text/html": markup, "text/plain": text}, raw=True, metadata=metadata)


def _check(rows: object, columns: list[str]) -> None:
    if not isinstance(rows, pd.DataFrame):
        raise TypeError(f"`rows` debe ser un DataFrame con una fila por variante; has pasado un {type(rows).__name__}.")
    if rows.empty or not columns or len(set(columns)) < len(columns):
        raise ValueError("Hacen falta una fila o más y una columna o más, cada una pedida una sola vez.")
    for column in columns:
        if column not in rows:
            raise KeyError(f"En `rows` no está la columna «{column}». Las que hay: {', '.join(map(str, rows))}.")
        if not is_numeric_dtype(rows[column]) or is_bool_dtype(rows[column]):
            raise TypeError(f"La columna «{column}» no es de números: el frente compara medidas.")


def _scale(values: np.ndarray, start: float, end: float) -> tuple[np.ndarray, list[tuple[str, float]]]:
    """Píxeles de los valores y rayas del eje (rótulo, píxel); el eje es logarítmico si hay mucho recorrido."""
    known = values[np.isfinite(values)]
    if not known.size:
        raise ValueError("Un eje no tiene ninguna medida: quítalo, o mide alguna variante.")
    logarithmic = 0 < 8 * known.min() < known.max()
    forward = np.log10 if logarithmic else np.asarray
    low, high = forward(known.min()), forward(known.max())
    margin = 0.07 * (high - low) or 0.5
    low, high = low - margin, high + margin
    if logarithmic:
        ticks = [step for step in _STEPS if low <= np.log10(step) <= high]
        ticks = ticks if len(ticks) <= _TICKS else ticks[::3]
    else:
        step = next(step for step in _STEPS if (high - low) / step <= _TICKS - 2)
        ticks = [step * i for i in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
    pixels, at = (start + (forward(np.asarray(v)) - low) / (high - low) * (end - start) for v in (values, ticks))
    texts = [f"{tick:.9f}".rstrip("0") for tick in ticks]
    return pixels, [(t + "0" * t.endswith("."), a) for t, a in zip(texts, at, strict=True)][:_TICKS]


def _spread(heights: np.ndarray) -> np.ndarray:
    """Alturas de los rótulos: cerca de su punto y sin pisarse."""
    order, placed = np.argsort(heights, kind="stable"), np.empty(len(heights))
    slots = np.arange(len(heights)) * min(_GAP, (_BOTTOM - _TOP) / max(len(heights) - 1, 1))
    pushed = np.maximum.accumulate(heights[order] - slots)  # hacia abajo, por los de encima
    placed[order] = np.minimum(pushed, _BOTTOM - slots[-1]) + slots  # y hacia arriba, para que quepan los de debajo
    return placed


def _view(rows: pd.DataFrame, x: str, x_title: str, y: str, y_title: str) -> dict[str, dict[str, str]]:
    """Elemento → atributos que cambian de una vista a otra."""
    px, x_ticks = _scale(rows[x].to_numpy(float), _LEFT, _RIGHT)
    py, y_ticks = _scale(rows[y].to_numpy(float), _BOTTOM, _TOP)
    inside, known = front(rows, minimize=x, maximize=y), np.isfinite(px) & np.isfinite(py)
    px, py = np.where(known, px, _RIGHT), np.where(known, py, _TOP)
    corners = sorted(zip(px[inside], py[inside], strict=True)) or [(_LEFT, _BOTTOM)]
    stairs = [(corners[0][0], _BOTTOM), corners[0]]
    for corner in corners[1:]:
        stairs += [(corner[0], stairs[-1][1]), corner]
    stairs += [(_RIGHT, stairs[-1][1])] * (2 * len(rows) + 1 - len(stairs))  # siempre las mismas esquinas
    path = "L".join(f"{a:.1f} {b:.1f}" for a, b in stairs)
    view = {"x": {"text": f"{x_title} →"}, "y": {"text": f"↑ {y_title}"}, "frente": {"d": f"M{path}"}}
    for axis, ticks in (("x", x_ticks), ("y", y_ticks)):
        for i, (text, at) in enumerate(ticks + [("0.0", float(_LEFT))] * (_TICKS - len(ticks))):
            place = f"{at:.1f} {_BOTTOM}.0" if axis == "x" else f"{_LEFT}.0 {at:.1f}"
            view[f"{axis}{i}"] = {"transform": f"translate({place})", "opacity": f"{i < len(ticks):.1f}"}
            view[f"{axis}{i}t"] = {"text": text}
    for i, (a, b, label) in enumerate(zip(px, py, _spread(py), strict=True)):
        seen, place = {"opacity": f"{known[i]:.1f}"}, f"translate({a:.1f} {b:.1f})"
        view[f"guia{i}"] = {"x1": f"{a:.1f}", "y1": f"{b:.1f}", "y2": f"{label:.1f}", **seen}
        view[f"rotulo{i}"] = {"transform": f"translate({_LABELS}.0 {label:.1f})", **seen}
        view[f"punto{i}"] = {"transform": place, "data-front": f"{inside[i]:.1f}", **seen}
        view[f"forma{i}"] = {"fill-opacity": f"{inside[i]:.1f}"}
    return view


def _drawing(rows: pd.DataFrame, view: dict[str, dict[str, str]], titles: Mapping[str, str], shapes: list[str]) -> str:
    def put(tag: str, key: str, fixed: str = "", inner: str = "") -> str:
        changing = "".join(f' {name}="{value}"' for name, value in view[key].items() if name != "text")
        return f'<{tag} data-key="{key}" {fixed}{changing}>{escape(view[key].get("text", ""))}{inner}</{tag}>'

    parts = [f'<path class="raya" fill="none" d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}"/>']
    parts += [put("text", "x", f'x="{_RIGHT}" y="434" text-anchor="end"'), put("text", "y", 'x="4" y="14"')]
    for axis, line, place in (
        ("x", "M0 0v6", 'y="20" text-anchor="middle"'),
        ("y", "M0 0h-6", 'x="-9" y="4" text-anchor="end"'),
    ):
        ticks = ((f"{axis}{i}", put("text", f"{axis}{i}t", place)) for i in range(_TICKS))
        parts += [put("g", key, "", f'<path class="raya" d="{line}"/>{text}') for key, text in ticks]
    parts += [put("line", f"guia{i}", f'class="guia" x2="{_LABELS - 6}"') for i in range(len(rows))]
    parts.append(put("path", "frente", 'class="frente"'))
    for i, (label, row) in enumerate(rows.iterrows()):
        label, known = escape(str(label)), {title: row[column] for column, title in titles.items()}
        told = (f"{t} {number(float(v)) if np.isfinite(v) else 'sin medir'}" for t, v in known.items())
        shape = put("path", f"forma{i}", f'class="forma" d="{shapes[i]}"')
        about = f'class="punto" tabindex="0" role="img" aria-label="{label}: {escape("; ".join(told))}"'
        parts.append(put("g", f"punto{i}", about, shape))
        parts.append(put("g", f"rotulo{i}", 'class="rotulo" aria-hidden="true"', f'<text y="4">{label}</text>'))
    return "".join(parts)
