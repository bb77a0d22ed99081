"""Las figuras del curso: un solo estilo, legible en claro, en oscuro y en grises, y con texto alternativo."""

import base64
import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ligero.measure import Interval

#: Colores de Okabe e Ito, que distingue quien no ve el rojo o el verde, ordenados para alternar claro y oscuro.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
#: Tramas que distinguen las series cuando no hay color.
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "++")
#: Marcas que distinguen las líneas cuando no hay color.
MARKERS = ("o", "s", "^", "D", "v", "P")

_STYLE = {
    "figure.figsize": (7.0, 3.6),
    "figure.dpi": 110,
    "figure.facecolor": "white",  # fondo propio: en el tema oscuro la figura queda como una tarjeta clara
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.axisbelow": True,
    "axes.prop_cycle": mpl.cycler(color=PALETTE) + mpl.cycler(marker=MARKERS),
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
}


def axes(columns: int = 1, *, title: str = "", xlabel: str = "", ylabel: str = "", **options) -> tuple[Figure, Axes]:
    """Crea una figura con el estilo del curso.

    Args:
        columns: Paneles, uno al lado de otro.
        title: Lo que la figura enseña, no lo que representa.
        xlabel: Magnitud y unidad del eje horizontal.
        ylabel: Magnitud y unidad del eje vertical.
        **options: Lo demás de `plt.subplots` (`figsize`, `sharey`…).

    Returns:
        `(figura, ejes)`; `ejes` es un array si hay más de un panel, y entonces título y rótulos van al primero.

    Raises:
        TypeError: Si `columns` no es un entero.
        ValueError: Si es menor que 1.
    """
    if isinstance(columns, bool) or not isinstance(columns, int):
        raise TypeError("`columns` debe ser un entero: el número de paneles.")
    if columns < 1:
        raise ValueError("`columns` debe ser 1 o más.")
    mpl.rcParams.update(_STYLE)  # y no solo al crearla: la leyenda y el título se piden después
    figure, panels = plt.subplots(1, columns, **options)
    first = panels if columns == 1 else panels[0]
    first.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return figure, panels


def bars(ax: Axes, labels: Sequence[str], series: Mapping[str, Sequence[float]], *, decimals: int = 1) -> None:
    """Dibuja barras horizontales agrupadas, con el valor escrito al final de cada una.

    Args:
        ax: Ejes donde dibujar.
        labels: Un rótulo por grupo, de arriba abajo.
        series: Nombre de la serie → un valor por grupo.
        decimals: Decimales del valor escrito.

    Raises:
        ValueError: Si no hay series, alguna no tiene un valor por rótulo o contiene NaN.
    """
    if not series:
        raise ValueError("`series` está vacío: pasa al menos una serie.")
    height = 0.8 / len(series)
    for i, (name, values) in enumerate(series.items()):
        if not np.isfinite(values).all():
            raise ValueError(f"La serie «{name}» contiene NaN o infinitos: revisa la medida de la que sale.")
        if len(values) != len(labels):
            raise ValueError(f"La serie «{name}» tiene {len(values)} valores y hay {len(labels)} rótulos.")
        drawn = ax.barh(
            np.arange(len(labels)) + i * height,
            values,
            height,
            label=name,
            color=PALETTE[i % len(PALETTE)],
            hatch=HATCHES[i % len(HATCHES)],
            edgecolor="white",
        )
        ax.bar_label(drawn, fmt=f"%.{decimals}f", padding=3, fontsize=9)
    ax.set_yticks(np.arange(len(labels)) + 0.4 - height / 2, labels)
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.margins(x=0.12)
    if len(series) > 1:
        ax.legend()


def intervals(ax: Axes, results: Mapping[str, Interval], *, limit: float, limit_label: str) -> None:
    """Dibuja un punto con su intervalo por resultado y una línea en el límite con el que se compara.

    Args:
        ax: Ejes donde dibujar.
        results: Rótulo → `Interval`, de arriba abajo.
        limit: Dónde va la línea.
        limit_label: Qué significa la línea.

    Raises:
        TypeError: Si alguno no es un `Interval`.
        ValueError: Si no hay resultados.
    """
    if not results:
        raise ValueError("`results` está vacío: pasa al menos un intervalo.")
    if not all(isinstance(result, Interval) for result in results.values()):
        raise TypeError("`results` debe tener valores de `measure.Interval`, como los que da `measure.ratio`.")
    for i, result in enumerate(results.values()):
        ax.plot([result.low, result.high], [i, i], color=PALETTE[0], linewidth=2.5, marker="|", markersize=10)
        ax.plot(result.value, i, color=PALETTE[0], marker="o", markersize=8)
    ax.axvline(limit, color=PALETTE[5], linestyle="--", marker="", label=limit_label)
    ax.set_yticks(range(len(results)), list(results))
    ax.set_ylim(len(results) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))


def timeline(ax: Axes, runs: Mapping[str, pd.DataFrame], stages: Sequence[str]) -> None:
    """Dibuja cuándo trabajó cada etapa: una fila por etapa, partida en tantos carriles como hilos coincidieron.

    Args:
        ax: Ejes donde dibujar; el horizontal queda en segundos.
        runs: Nombre de la ejecución → sus tramos (`etapa`, `carril`, `inicio`, `fin`), como los de
            `pipeline.Tracer.spans`. Van una debajo de otra, con el mismo eje de tiempos.
        stages: Las etapas, de arriba abajo.

    Raises:
        ValueError: Si no hay ejecuciones o alguna etapa no tiene tramos.
    """
    if not runs:
        raise ValueError("`runs` está vacío: pasa al menos una ejecución.")
    labels = [f"{name} · {stage}" if len(runs) > 1 else stage for name in runs for stage in stages]
    for run, (name, spans) in enumerate(runs.items()):
        for i, stage in enumerate(stages):
            chosen = spans[spans["etapa"] == stage]
            if chosen.empty:
                raise ValueError(f"No hay tramos de «{stage}» en «{name}»: recorre antes la tubería.")
            row, height = run * len(stages) + i, 0.8 / (chosen["carril"].max() + 1)
            for lane, group in chosen.groupby("carril"):
                ax.broken_barh(
                    list(zip(group["inicio"], group["fin"] - group["inicio"], strict=True)),
                    (row - 0.4 + lane * height, 0.92 * height),
                    color=PALETTE[i % len(PALETTE)],
                    linewidth=0.25,  # lo justo para que se vea una lectura de microsegundos sin tapar los huecos
                )
        if run:
            ax.axhline(run * len(stages) - 0.5, color="black", linewidth=0.8, marker="")
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)


def show(figure: Figure, alt: str) -> None:
    """Muestra la figura y la cierra.

    El texto alternativo va en los metadatos de la salida, donde lo busca el libro, y acompaña a la imagen como
    texto. Di lo que se ve y lo que significa, sin cifras medidas: las cifras van en la prosa.

    Args:
        figure: La figura.
        alt: Texto alternativo, en español, de al menos 40 caracteres.

    Raises:
        TypeError: Si `alt` no es una cadena.
        ValueError: Si es demasiado corto para describir la figura.
    """
    if not isinstance(alt, str):
        raise TypeError("`alt` debe ser una cadena con la descripción de la figura.")
    alt = " ".join(alt.split())
    if len(alt) < 40:
        raise ValueError("`alt` es demasiado corto: di qué se ve en la figura y qué significa (40 caracteres o más).")
    buffer = io.BytesIO()
    # Sin metadatos: de lo contrario matplotlib escribe su versión en el fichero.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    content = base64.b64encode(buffer.getvalue()).decode("ascii")
    display({"image/png": content, "text/plain": alt}, raw=True, metadata={"image/png": {"alt": alt}})
