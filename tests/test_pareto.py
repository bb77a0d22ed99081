"""El frente de Pareto y su figura: quién domina a quién, y que dos medidas distintas dan el mismo documento."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from course import project
from ligero import pareto

X = {"kB": "fichero (kB)", "ms": "latencia (ms)"}
Y = {"exactitud": "exactitud (%)", "promesa": "puntos que se prometen"}


def made(seed, n=14, spread=40.0):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "kB": np.exp(rng.uniform(0, np.log(spread), n)),
            "ms": rng.uniform(0.1, 0.3, n),
            "exactitud": rng.uniform(80, 99, n),
            "promesa": rng.uniform(-9, 2, n),
            "familia": [("poda", "int8", "<alumna>")[i % 3] for i in range(n)],
        },
        index=[f"variante {chr(97 + i)} & <b>" for i in range(n)],
    )
    return rows


@pytest.fixture
def page(monkeypatch):
    """Lo que `explore` muestra, ya leído, y la salida tal cual."""

    def explore(rows, **options):
        shown = []
        monkeypatch.setattr(pareto, "display", lambda data, **rest: shown.append((data, rest)))
        pareto.explore(rows, X, Y, kind="familia", **options)
        ((output, rest),) = shown
        return BeautifulSoup(output["text/html"], "html.parser"), output, rest

    return explore


def test_only_what_nobody_dominates_is_on_the_front():
    rows = pd.DataFrame({"kB": [1, 2, 3, 3, 9], "exactitud": [80.0, 90, 85, 95, 95]})
    assert pareto.front(rows, minimize="kB", maximize="exactitud").tolist() == [True, True, False, True, False]
    assert pareto.front(rows, maximize=["kB", "exactitud"]).tolist() == [False] * 4 + [True]
    assert pareto.front(rows, minimize=["kB"]).tolist() == [True] + [False] * 4


def test_equal_rows_do_not_dominate_each_other():
    rows = pd.DataFrame({"kB": [5, 5, 5], "exactitud": [90.0, 90, 89]})
    assert pareto.front(rows, minimize="kB", maximize="exactitud").tolist() == [True, True, False]


def test_a_row_without_a_measure_neither_enters_nor_throws_anybody_out():
    rows = pd.DataFrame({"kB": [np.nan, 5, 6], "exactitud": [99.0, 90, np.nan]})
    assert pareto.front(rows, minimize="kB", maximize="exactitud").tolist() == [False, True, False]


@pytest.mark.parametrize("seed", range(5))
def test_the_front_is_the_one_of_the_definition(seed):
    rows = made(seed, 30).round(0)  # con empates
    cost = list(zip(rows.kB, rows.ms, -rows.exactitud, strict=True))
    expected = [
        not any(all(b <= a for a, b in zip(mine, other, strict=True)) and other != mine for other in cost)
        for mine in cost
    ]
    assert pareto.front(rows, minimize=["kB", "ms"], maximize="exactitud").tolist() == expected
    assert 0 < sum(expected) < 30


@pytest.mark.parametrize(
    ("rows", "options", "error", "says"),
    [
        ([1, 2], {"minimize": "kB"}, TypeError, "`rows` debe ser un DataFrame"),
        (made(0)[:0], {"minimize": "kB"}, ValueError, "una fila o más"),
        (made(0), {}, ValueError, "una columna o más"),
        (made(0), {"minimize": "kB", "maximize": "kB"}, ValueError, "una sola vez"),
        (made(0), {"minimize": "gramos"}, KeyError, "no está la columna «gramos»"),
        (made(0), {"minimize": "familia"}, TypeError, "«familia» no es de números"),
        (made(0).assign(kB=True), {"minimize": "kB"}, TypeError, "«kB» no es de números"),
    ],
)
def test_mistakes_are_explained(rows, options, error, says):
    with pytest.raises(error, match=re.escape(says)):
        pareto.front(rows, **options)


def test_explore_explains_its_own_mistakes():
    rows = made(0)
    with pytest.raises(ValueError, match="familias"):
        pareto.explore(rows.assign(familia=rows.index), X, Y, kind="familia")
    with pytest.raises(ValueError, match="nombre repetido"):
        pareto.explore(rows.set_axis(["igual"] * len(rows)), X, Y, kind="familia")
    with pytest.raises(ValueError, match="ninguna medida"):
        pareto.explore(rows.assign(ms=np.nan), X, Y, kind="familia")


def test_without_scripts_the_first_view_is_whole(page):
    rows = made(1)
    html, output, _ = page(rows)
    points = html.select(".punto")
    assert [p["aria-label"].split(":")[0] for p in points] == list(rows.index)
    assert [t.text for t in html.select(".rotulo text")] == list(rows.index)
    inside = pareto.front(rows, minimize="kB", maximize="exactitud")
    assert [p["data-front"] for p in points] == [f"{i:.1f}" for i in inside]
    assert [p.select_one(".forma")["fill-opacity"] for p in points] == [f"{i:.1f}" for i in inside]
    assert len({p.select_one(".forma")["d"] for p in points}) == rows.familia.nunique()
    assert "&lt;b&gt;" in output["text/html"] and not html.select("svg b, alumna"), "los nombres no son HTML"
    assert not html.select("select, input, button"), "donde no hay guion no queda un mando muerto"
    assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//", output["text/html"])


def test_farther_right_is_larger_and_higher_is_better(page):
    rows = made(2)
    html, *_ = page(rows)
    at = np.array([re.findall(r"[\d.]+", p["transform"]) for p in html.select(".punto")], float)
    assert (at[:, 0].argsort() == rows.kB.to_numpy().argsort()).all()
    assert ((-at[:, 1]).argsort() == rows.exactitud.to_numpy().argsort()).all()
    labels = np.sort([float(t["transform"].split()[1][:-1]) for t in html.select(".rotulo")])
    assert np.diff(labels).min() >= 20 and labels.min() > 0 and labels.max() <= 440, "los rótulos no se pisan"


def test_every_view_moves_the_same_elements_to_its_own_places(page):
    rows = made(3)
    html, *_ = page(rows)
    content = json.loads(html.select_one("script[type='application/json']").text)
    keys = {e["data-key"] for e in html.select("[data-key]")}
    assert [axis["options"] for axis in content["axes"]] == [list(X.values()), list(Y.values())]
    for x, row in zip(X, content["views"], strict=True):
        for y, view in zip(Y, row, strict=True):
            assert set(view) == keys
            inside = pareto.front(rows, minimize=x, maximize=y)
            assert [view[f"punto{i}"]["data-front"] for i in range(len(rows))] == [f"{i:.1f}" for i in inside]
    assert content["views"][0][0]["x"]["text"] == "fichero (kB) →"


def test_two_measurements_give_the_same_document(page):
    """Lo que nbval compara: cambian las medidas, el frente y hasta la escala, y el texto saneado es el mismo."""
    rules = (project.ROOT / "tests" / "nbval.cfg").read_text(encoding="utf-8")
    measure = re.compile(re.search(r"\[medida\]\nregex: (.+)", rules)[1])
    sane = {
        re.sub("[ ]+", "_", measure.sub("MEDIDA", page(made(s, spread=p))[1]["text/html"]))
        for s, p in ((1, 40.0), (2, 2.0), (3, 1e5), (4, 1.0001))
    }
    assert len(sane) == 1


def test_a_missing_measure_is_hidden_and_told(page):
    rows = made(4)
    rows.iloc[2, 0] = np.nan
    html, *_ = page(rows)
    point = html.select(".punto")[2]
    assert point["opacity"] == "0.0" and point["data-front"] == "0.0" and "sin medir" in point["aria-label"]


def test_a_page_can_quote_it(page):
    *_, rest = page(made(5), name="frente")
    assert rest["metadata"]["scrapbook"] == {"name": "frente", "mime_prefix": ""}
    *_, rest = page(made(5))
    assert rest["metadata"] == {}
