import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ligero import plots
from ligero.measure import Interval

ALT = "Dos barras de distinta longitud, una por esquema, para probar."


@pytest.fixture
def shown(monkeypatch):
    outputs = []
    monkeypatch.setattr(plots, "display", lambda data, **options: outputs.append((data, options)))
    return outputs


def test_figure_goes_out_as_png_with_its_alternative_text(shown):
    figure, ax = plots.axes(title="t", xlabel="kB")
    plots.bars(ax, ["a", "b"], {"uno": [1, 2], "dos": [2, 3]})
    plots.show(figure, ALT.replace(" una", "\n   una"))
    data, options = shown[0]
    assert options["metadata"]["image/png"]["alt"] == data["text/plain"] == ALT
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).format == "PNG"


def test_series_can_be_told_apart_without_colour():
    _, ax = plots.axes()
    plots.bars(ax, ["a"], {name: [1] for name in "xyz"})
    assert len({patch.get_hatch() for patch in ax.patches}) == 3
    lines = [ax.plot([0, 1], [0, i])[0] for i in range(3)]
    assert len({line.get_marker() for line in lines}) == 3


def test_palette_keeps_contrast_in_grey():
    def luminance(colour):
        r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    levels = [luminance(colour) for colour in plots.PALETTE[:2]]
    assert abs(levels[0] - levels[1]) > 0.2


def test_intervals_draw_the_limit_and_every_result():
    _, ax = plots.axes()
    results = {name: Interval(0.0, -1.0, 1.0, "puntos") for name in ("a", "b")}
    plots.intervals(ax, results, limit=-1, limit_label="límite")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a", "b"]
    assert any(np.allclose(line.get_xdata(), -1) for line in ax.lines)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda ax: plots.show(ax.figure, "corto"), ValueError, "demasiado corto"),
        (lambda ax: plots.show(ax.figure, None), TypeError, "`alt`"),
        (lambda ax: plots.bars(ax, ["a"], {}), ValueError, "al menos una serie"),
        (lambda ax: plots.bars(ax, ["a"], {"s": [1, 2]}), ValueError, "tiene 2 valores"),
        (lambda ax: plots.bars(ax, ["a"], {"s": [np.nan]}), ValueError, "NaN"),
        (lambda ax: plots.intervals(ax, {"a": 1.0}, limit=0, limit_label=""), TypeError, "Interval"),
        (lambda ax: plots.intervals(ax, {}, limit=0, limit_label=""), ValueError, "al menos un intervalo"),
        (lambda ax: plots.axes(0), ValueError, "1 o más"),
        (lambda ax: plots.axes("2"), TypeError, "entero"),
    ],
)
def test_bad_arguments(call, error, says):
    _, ax = plots.axes()
    with pytest.raises(error, match=says):
        call(ax)


def test_timeline_draws_each_span_in_its_row_and_lane():
    rows = [("leer", 0, 0.0, 1.0), ("leer", 1, 0.5, 1.5), ("entrenar", 0, 1.5, 2.0)]
    spans = pd.DataFrame(rows, columns=["etapa", "carril", "inicio", "fin"])
    figure, ax = plots.axes()
    plots.timeline(ax, {"una": spans}, ["leer", "entrenar"])
    boxes = [path.get_extents() for bars in ax.collections for path in bars.get_paths()]
    assert [(box.x0, box.x1) for box in boxes] == [(0, 1), (0.5, 1.5), (1.5, 2)]
    assert boxes[0].y1 <= boxes[1].y0 and boxes[1].y1 < 0.5 < boxes[2].y0
    with pytest.raises(ValueError, match="«aumentar»"):
        plots.timeline(ax, {"una": spans}, ["aumentar"])
    plt.close(figure)
