"""Ejercicios de `decidir/todas-las-tecnicas`."""

import copy
from itertools import combinations
from math import inf, prod

import numpy as np

from ligero.exercises import Trial, exercise


@exercise(
    "tec-1",
    asks="Escribe `dominators(rows, name)`: los nombres de las variantes que dominan a `name`, en el orden de `rows`.",
    first_hint="Dominar son dos condiciones a la vez: no ser peor en nada y ser mejor en algo.",
)
def dominators(trial: Trial) -> str:
    """Tablas con empates, con datos sin medir y con variantes que solo ganan en una columna."""
    table = [
        _row("float32", 190, 1.0, 93.0),
        _row("int8", 53, 0.3, 92.5),
        _row("qat", 53, 0.3, 93.1),
        _row("podada", 190, 1.0, 92.0),
        _row("16x8", 55, 40.0, 93.0),
    ]
    cases = [
        ([_row("pequeña", 20, 0.2, 90.0), *table], "int8", "una más pequeña que acierta menos"),
        (table, "podada", "una variante peor que varias"),
        (table, "int8", "dos variantes que ocupan y tardan lo mismo"),
        (table, "qat", "una variante del frente"),
        (table, "16x8", "una variante a la que otra gana en todo"),
        (table, "float32", "un empate en exactitud"),
        ([*table, _row("gemela", 53, 0.3, 93.1)], "qat", "una gemela exacta"),
        ([*table, _row("sin cronómetro", 10, None, 99.0)], "int8", "una variante sin latencia medida"),
        ([*table, _row("a medias", 60, 0.5, None)], "a medias", "una variante sin exactitud medida"),
    ]
    rng = np.random.default_rng(71)
    for _ in range(6):
        values = rng.integers(1, 5, (int(rng.integers(5, 9)), 3)).tolist()
        rows = [_row(f"v{i}", 10 * a, b / 2, 90.0 + c) for i, (a, b, c) in enumerate(values)]
        cases.append((rows, str(rng.choice([row["name"] for row in rows])), "una tabla con muchos empates"))
    for rows, name, shown in cases:
        given = copy.deepcopy(rows)
        got = trial.call(given, name, shown=shown)
        trial.require(given == rows, f"Con {shown}, cambias la tabla recibida.", "Construye una lista nueva.")
        trial.require(
            type(got) is list and all(type(other) is str for other in got),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una lista de nombres.",
            "Aunque nadie la domine, devuelve una lista: la vacía.",
        )
        expected = _dominators(rows, name)
        trial.require(
            got == expected,
            f"Con {shown}, a «{name}» la dominan {expected} y das {got}. La tabla: {_shown(rows)}.",
            _dominators_hint(rows, name, got, expected),
        )
    return "Si el intervalo de la exactitud es más ancho que la diferencia, ¿de verdad domina? ¿Qué columna usarías?"


def _row(name: str, size: float, ms: float | None, accuracy: float | None) -> dict:
    return {"name": name, "kB": size, "ms": ms, "accuracy": accuracy}


def _shown(rows: list) -> str:
    return "; ".join(f"{r['name']} ({r['kB']} kB, {r['ms']} ms, {r['accuracy']} %)" for r in rows)


def _costs(row: dict) -> list | None:
    values = [row["kB"], row["ms"], row["accuracy"]]
    return None if None in values else [values[0], values[1], -values[2]]


def _dominators(rows: list, name: str) -> list[str]:
    mine = next(_costs(row) for row in rows if row["name"] == name)
    if mine is None:
        return []
    found = ((row["name"], _costs(row)) for row in rows if _costs(row))
    return [other for other, cost in found if cost != mine and all(a <= b for a, b in zip(cost, mine, strict=True))]


def _dominators_hint(rows: list, name: str, got: list, expected: list) -> str:
    by_name = {row["name"]: row for row in rows}
    unknown = [other for other in (*got, name) if other in by_name and _costs(by_name[other]) is None]
    if unknown:
        return f"A «{unknown[0]}» le falta una medida: lo que no se ha medido ni domina ni es dominado."
    if name in got:
        return "Nadie se domina a sí mismo."
    extra = [other for other in got if other not in expected and other in by_name]
    if extra and _costs(by_name[extra[0]]) == _costs(by_name[name]):
        return f"«{extra[0]}» es igual en todo: para dominar hay que ser mejor en algo."
    if extra:
        return (
            f"«{extra[0]}» es peor en alguna columna. Fíjate en que en la exactitud más es mejor, y en lo demás menos."
        )
    if set(got) == set(expected):
        return "Los nombres están; falta el orden, que es el de `rows`."
    return "Te falta alguna: empatar en una columna no impide dominar, si gana en otra."


@exercise(
    "tec-2",
    asks="Escribe `winning_range(rows, name)`: para qué límites de tamaño se elegiría `name`, como `(desde, hasta)`.",
    first_hint="Ponte en el lugar de quien tiene un límite: ¿cuál elige? Ahora sube el límite poco a poco.",
)
def winning_range(trial: Trial) -> str:
    """Tablas desordenadas, con variantes que nunca ganan y con empates de tamaño y de exactitud."""
    table = {
        "float32": (190, 93.0),
        "int8": (53, 92.5),
        "alumna": (20, 90.0),
        "float16": (97, 93.0),
        "16x8": (55, 92.0),
    }
    cases = [
        (table, "int8", "una variante del medio"),
        (table, "alumna", "la más pequeña"),
        (table, "float16", "la más exacta y más pequeña de las dos que empatan"),
        (table, "float32", "una que empata en exactitud y ocupa más"),
        (table, "16x8", "una que nadie elegiría"),
        ({"sola": (7, 50.0)}, "sola", "una tabla de una fila"),
        ({**table, "qat": (53, 93.5)}, "int8", "dos del mismo tamaño"),
        ({**table, "qat": (53, 93.5)}, "qat", "la mejor de dos del mismo tamaño"),
    ]
    rng = np.random.default_rng(72)
    for _ in range(8):
        sizes, hits = rng.permutation(60)[:7] + 10, rng.permutation(40)[:7] / 4 + 80
        rows = {f"v{i}": (int(s), float(h)) for i, (s, h) in enumerate(zip(sizes, hits, strict=True))}
        cases.append((rows, str(rng.choice(list(rows))), "una tabla desordenada"))
    for rows, name, shown in cases:
        got = trial.call(dict(rows), name, shown=shown)
        expected = _winning_range(rows, name)
        trial.require(
            type(got) is tuple and len(got) in (0, 2),
            f"Con {shown}, tu función devuelve {got!r} y se espera `(desde, hasta)`, o `()` si nunca se elige.",
            "Devuelve una tupla de dos números, o la vacía.",
        )
        numbers = tuple(v if v == inf else trial.number(v, f"Con {shown}") for v in got if not isinstance(v, bool))
        trial.require(
            numbers == expected and len(numbers) == len(got),
            f"Con {shown}, {rows}, «{name}» se elige en {expected or 'ningún límite'} y das {got or 'ninguno'}.",
            _range_hint(rows, name, numbers, expected),
        )
    return "¿Qué anchura tiene el intervalo de tu favorita? Uno estrecho cambia de manos con poco que midas mal."


def _winning_range(rows: dict, name: str) -> tuple:
    size, hits = rows[name]
    if any(s <= size and h >= hits and (s, h) != (size, hits) for s, h in rows.values()):
        return ()
    return size, min((s for s, h in rows.values() if h > hits), default=inf)


def _range_hint(rows: dict, name: str, got: tuple, expected: tuple) -> str:
    if expected == ():
        return "Con cualquier límite en que cabe, otra que también cabe acierta más, o lo mismo ocupando menos: `()`."
    if got == ():
        return "Sí se elige: con un límite igual a su tamaño cabe, y de las que caben es la que más acierta."
    if len(got) == 2 and got[0] != expected[0]:
        return "Empieza a elegirse en cuanto cabe: con un límite igual a su propio tamaño."
    if len(got) == 2 and expected[1] == inf:
        return "No hay ninguna que acierte más: se sigue eligiendo por grande que sea el límite (`math.inf`)."
    return (
        "Deja de elegirse en cuanto cabe *la más pequeña* de las que aciertan más; las que aciertan menos no cuentan."
    )


@exercise(
    "tec-3",
    asks="Escribe `cheapest_plan(techniques, limits, max_loss)`: la combinación que cumple con menos minutos.",
    first_hint="Hay pocas técnicas: puedes probar todas las combinaciones con `itertools.combinations`.",
)
def cheapest_plan(trial: Trial) -> str:
    """Planes que piden dos técnicas, ninguna o una imposible, con incompatibilidades y límites exactos."""
    known = {
        "int8": _technique(0.28, 0.28, 0.3, -0.5, 0.1, {"qat", "dynamic"}),
        "dynamic": _technique(0.27, 0.27, 0.5, -0.4, 0.05, set()),
        "qat": _technique(0.28, 0.28, 0.3, -0.1, 1.0, set()),
        "poda": _technique(1.0, 0.4, 1.0, -0.6, 0.8, set()),
        "alumna": _technique(0.25, 0.25, 0.4, -2.0, 1.5, set()),
        "más épocas": _technique(1.0, 1.0, 1.0, 0.9, 0.5, set()),
    }
    cases = [
        (known, {"kB": 0.3}, 1.0, "un límite de fichero que cumple una sola técnica"),
        (known, {"kB": 1.0}, 1.0, "un límite que ya se cumple"),
        (known, {"gzip": 0.12}, 2.0, "un límite de descarga que pide dos técnicas"),
        (known, {"kB": 0.08}, 3.0, "un fichero que pide alumna y cuantización"),
        (known, {"kB": 0.08}, 2.0, "lo mismo con poca pérdida"),
        (known, {"kB": 0.08, "ms": 0.13}, 3.0, "dos límites a la vez"),
        (known, {"kB": 0.3}, 0.2, "una pérdida que solo admite la técnica cara"),
        (known, {"kB": 0.001}, 9.0, "un límite imposible"),
        (known, {"kB": 0.28 * 0.25}, 3.0, "un límite igual al producto"),
        (known, {"kB": 0.3}, 0.4, "una pérdida igual a la admitida"),
        ({"b": known["qat"], "a": known["int8"] | {"clashes": {"b"}}}, {"kB": 0.1}, 5.0, "dos técnicas incompatibles"),
        (
            {"b": known["qat"] | {"clashes": {"a"}}, "a": known["alumna"]},
            {"kB": 0.1},
            5.0,
            "el veto lo declara la otra",
        ),
    ]
    for techniques, limits, max_loss, shown in cases:
        given = copy.deepcopy(techniques)
        got = trial.call(given, dict(limits), max_loss, shown=shown)
        trial.require(given == techniques, f"Con {shown}, cambias las técnicas recibidas.", "No toques lo que recibes.")
        trial.require(
            type(got) is list and all(type(name) is str for name in got),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una lista de nombres.",
            "Sin nada que hacer, la lista vacía; si no hay manera, `['imposible']`.",
        )
        expected = _plan(techniques, limits, max_loss)
        trial.require(
            sorted(got) == sorted(expected),
            f"Con {shown} (límites {limits}, pérdida {max_loss}) das {sorted(got)} y es {sorted(expected)}.",
            _plan_hint(techniques, limits, max_loss, got, expected),
        )
    return "El plan es una apuesta: multiplicar supone que las técnicas no se estorban. ¿Qué pares has medido juntos?"


def _technique(size: float, gzip: float, ms: float, points: float, minutes: float, clashes: set) -> dict:
    return {"kB": size, "gzip": gzip, "ms": ms, "points": points, "minutes": minutes, "clashes": clashes}


def _fits(techniques: dict, names: tuple, limits: dict, max_loss: float) -> str:
    """Qué incumple un plan; vacío si nada."""
    if any(other in techniques[name]["clashes"] for name in names for other in names):
        return "incompatibles"
    for metric, limit in limits.items():
        if prod(techniques[name][metric] for name in names) > limit * (1 + 1e-9):
            return "límite"
    return "" if sum(techniques[name]["points"] for name in names) > -max_loss + 1e-9 else "pérdida"


def _plan(techniques: dict, limits: dict, max_loss: float) -> list[str]:
    plans = [names for size in range(len(techniques) + 1) for names in combinations(techniques, size)]
    good = [names for names in plans if not _fits(techniques, names, limits, max_loss)]
    return list(min(good, key=lambda names: sum(techniques[n]["minutes"] for n in names))) if good else ["imposible"]


def _plan_hint(techniques: dict, limits: dict, max_loss: float, got: list, expected: list) -> str:
    if not expected:
        return "No hacer nada también es un plan, y el más barato: cumple, así que es la lista vacía."
    if expected != ["imposible"] and (got == ["imposible"] or not got):
        return "Hay una combinación que cumple. ¿Pruebas también las de dos y tres técnicas?"
    if any(name not in techniques for name in got):
        return "Devuelve nombres de `techniques`."
    broken = _fits(techniques, tuple(got), limits, max_loss)
    if broken == "incompatibles":
        return "Dos de esas técnicas no se pueden juntar: basta con que una de las dos nombre a la otra en `clashes`."
    if broken == "límite":
        return "Ese plan se pasa de un límite: los cocientes se multiplican, y hay que cumplir todos los de `limits`."
    if broken == "pérdida":
        return "Ese plan pierde demasiado: los puntos se suman, y la suma debe quedar *por encima* de `-max_loss`."
    return "Ese plan cumple, pero otro también y cuesta menos minutos: se suman los de todas sus técnicas."
