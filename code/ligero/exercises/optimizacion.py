"""Ejercicios de `reducir/optimizacion`."""

import copy

import numpy as np

from ligero import decision
from ligero.exercises import Trial, exercise


@exercise(
    "opt-1",
    asks="Escribe `unmet(limits, measured)`: los requisitos que no puedes asegurar que se cumplen, del peor al mejor.",
    first_hint="Compara cada límite con lo medido. ¿Y si ese requisito no se ha medido?",
)
def unmet(trial: Trial) -> str:
    """Pone requisitos justos en el límite, sin medir y en orden distinto."""
    rng = np.random.default_rng(29)
    cases = [
        ({"disco": 100, "memoria": 50}, {"disco": 150, "memoria": 40}, "un solo exceso"),
        ({"disco": 100, "memoria": 50, "latencia": 10}, {"disco": 150, "memoria": 100, "latencia": 9}, "dos excesos"),
        ({"disco": 100, "memoria": 50}, {"memoria": 60}, "el disco sin medir"),
        ({"disco": 100, "memoria": 50}, {"disco": None, "memoria": 40}, "un `None` donde iba el disco"),
        ({"disco": 100}, {"disco": 100}, "una medida igual a su límite"),
        ({"memoria": 50}, {"memoria": 40, "disco": 900}, "una medida a la que nadie puso límite"),
    ]
    names = np.array(["disco", "descarga", "memoria", "latencia", "energía"])
    for _ in range(6):
        chosen = rng.permutation(names)[:4]
        limits = {str(name): int(rng.integers(20, 200)) for name in chosen}
        measured = {name: limit * float(rng.uniform(0.5, 3)) for name, limit in limits.items()}
        measured.pop(str(rng.choice(chosen)))
        cases.append((limits, measured, "cuatro requisitos, uno sin medir"))
    for limits, measured, shown in cases:
        got = trial.call(dict(limits), dict(measured), shown=shown)
        expected = _unmet(limits, measured)
        trial.require(
            isinstance(got, list | tuple) and all(isinstance(name, str) for name in got),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una lista de nombres.",
            "Devuelve los nombres de los requisitos, no sus valores.",
        )
        trial.require(
            list(got) == expected,
            f"Con {shown} (límites {limits}, medido { {k: v and round(v, 1) for k, v in measured.items()} }) das "
            f"{list(got)} y es {expected}.",
            _unmet_hint(limits, measured, list(got), expected),
        )
    return "«Nadie se ha quejado» tampoco es una medida. ¿Qué requisito de tu último proyecto se dio por cumplido así?"


def _unmet(limits: dict, measured: dict) -> list[str]:
    excess = {name: (np.inf if measured.get(name) is None else measured[name] / limits[name]) for name in limits}
    return sorted((name for name in limits if excess[name] > 1), key=lambda name: -excess[name])


def _unmet_hint(limits: dict, measured: dict, got: list, expected: list) -> str:
    missing = [name for name in limits if measured.get(name) is None]
    if missing and missing[0] not in got:
        return f"«{missing[0]}» no está medido: no se puede asegurar que se cumpla, así que va en la lista."
    if set(got) == set(expected):
        return "Los nombres están; falta el orden: primero lo no medido y después el mayor exceso relativo al límite."
    if any(name not in limits for name in got):
        return "Lo que nadie limitó no puede incumplirse."
    return "Cumplir es no pasar del límite: igualarlo todavía vale."


@exercise(
    "opt-2",
    asks="Escribe `least_demanding(rows, max_ratio, max_loss)`: las técnicas que cumplen y a las que ninguna otra que "
    "cumple les basta con menos exigencias.",
    first_hint="Son dos pasos: quedarte con las que cumplen y, entre ellas, quitar las que exigen de más.",
)
def least_demanding(trial: Trial) -> str:
    """Tablas con exigencias que se contienen, que no se pueden comparar y con intervalos que engañan."""
    d, e, r = "datos", "etiquetas", "reentrenar"
    table = [
        _row("float16", [], 0.51, 0.0, -0.15, 0.15),
        _row("dynamic", [], 0.27, -0.4, -0.9, 0.1),
        _row("int8", [d], 0.27, 0.2, -0.3, 0.7),
        _row("qat", [d, e, r], 0.27, 0.1, -0.2, 0.4),
        _row("destilada", [d, r], 0.20, -0.5, -1.4, 0.4),
        _row("podada", [e, r], 0.15, -0.6, -1.8, 0.6),
    ]
    cases = [
        (table, 0.6, 1.0, "un límite de 0.6 y un punto"),
        (table, 0.3, 0.5, "un límite de 0.3 y medio punto"),
        (table, 0.3, 1.0, "un límite de 0.3 y un punto"),
        (table, 0.2, 2.0, "dos técnicas cuyas exigencias no se contienen"),
        (table, 0.1, 2.0, "un límite que nadie cumple"),
        (table[2:], 0.3, 2.0, "exigencias de distinto tamaño que no se contienen"),
        (table[::-1], 0.3, 0.5, "la tabla al revés"),
        ([*table, _row("gemela", [d], 0.25, 0.0, -0.4, 0.4)], 0.3, 0.5, "dos técnicas con las mismas exigencias"),
        ([_row("justa", [d], 0.3, -0.2, -0.5, 0.1)], 0.3, 0.5, "una cota inferior igual a la pérdida aceptada"),
    ]
    for rows, max_ratio, max_loss, shown in cases:
        got = trial.call(copy.deepcopy(rows), max_ratio, max_loss, shown=shown)
        expected = _least(rows, max_ratio, max_loss)
        trial.require(
            isinstance(got, list | tuple | set) and all(isinstance(name, str) for name in got),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una lista de nombres.",
            "Puede haber varias técnicas, o ninguna: devuelve siempre una lista.",
        )
        trial.require(
            sorted(got) == sorted(expected),
            f"Con {shown} das {sorted(got)} y es {sorted(expected)}.",
            _least_hint(rows, max_ratio, max_loss, sorted(got)),
        )
    return "Cuando quedan dos que no se pueden comparar, la tabla ya no decide: decide lo que tu equipo tiene a mano."


def _row(name: str, demands: list, ratio: float, points: float, low: float, high: float) -> dict:
    return {"name": name, "demands": set(demands), "ratio": ratio, "points": points, "low": low, "high": high}


def _least(rows: list, max_ratio: float, max_loss: float, key: str = "low") -> list[str]:
    fit = [row for row in rows if row["ratio"] <= max_ratio and row[key] > -max_loss]
    return [row["name"] for row in fit if not any(other["demands"] < row["demands"] for other in fit)]


def _least_hint(rows: list, max_ratio: float, max_loss: float, got: list) -> str:
    fit = {r["name"]: r for r in rows if r["ratio"] <= max_ratio and r["low"] > -max_loss}
    if any(name not in fit for name in got):
        return (
            "Alguna no cumple. «Se puede asegurar» mira `low`, y tiene que quedar por encima de la pérdida aceptada: "
            "igualarla no basta."
        )
    if any(fit[other]["demands"] < fit[name]["demands"] for name in got for other in fit):
        return "Alguna exige de más: hay otra que también cumple y cuyas exigencias son una parte de las suyas."
    return (
        "Falta alguna. Contar exigencias no vale: {datos} y {etiquetas, reentrenar} no se pueden comparar, y "
        "dos con las mismas exigencias se quedan las dos."
    )


@exercise(
    "opt-3",
    asks="Escribe `ask_first(source, technique, question, text, otherwise)`: un árbol nuevo que pregunta antes de "
    "recomendar `technique`.",
    first_hint="Cada recomendación de esa técnica pasa a ser la rama «sí» de un nodo nuevo.",
)
def ask_first(trial: Trial) -> str:
    """Amplía el árbol del curso y otros dos: uno con la hoja compartida y otro que empieza en ella."""
    shared = _small(
        {
            "inicio": {"pregunta": "a", "ramas": {"sí": "uno", "no": "medio"}},
            "medio": {"pregunta": "b", "ramas": {"sí": "uno", "no": "dos"}},
        }
    )
    alone = _small({}) | {"inicio": "uno"}
    for source, technique, otherwise, shown in (
        (decision.tree(), "int8", "elegir-otra", "el árbol del curso y `int8`"),
        (decision.tree(), "float16", "no-reducir", "el árbol del curso y `float16`, que tiene varias hojas"),
        (shared, "int8", "dos", "un árbol cuya hoja se alcanza por dos ramas"),
        (alone, "int8", "dos", "un árbol que empieza en la hoja"),
        (shared, "qat", "dos", "una técnica que el árbol no recomienda"),
    ):
        given, before = copy.deepcopy(source), copy.deepcopy(source)
        got = trial.call(given, technique, "operadores", "¿Están todos los operadores?", otherwise, shown=shown)
        trial.require(
            isinstance(got, dict) and {"inicio", "preguntas", "nodos", "recomendaciones", "tecnicas"} <= set(got),
            f"Con {shown}, tu función no devuelve un árbol (un diccionario con las mismas claves).",
            "Copia el que recibes con `copy.deepcopy` y cambia la copia.",
        )
        trial.require(
            given == before, f"Con {shown}, cambias el árbol recibido.", "Trabaja sobre `copy.deepcopy(source)`."
        )
        _same_advice(trial, source, got, technique, otherwise, shown)
    return "Las respuestas antiguas siguen valiendo si contestas «sí». ¿Qué harías para que no hiciera falta contestar?"


def _small(nodes: dict) -> dict:
    advice = {"uno": {"tecnica": "int8", "razon": "cabe"}, "dos": {"tecnica": "otra", "razon": "no cabe"}}
    yes_no = {"texto": "¿…?", "respuestas": {"sí": "sí", "no": "no"}}
    techniques = {name: dict(decision.tree()["tecnicas"][name]) for name in ("int8", "otra", "qat")}
    return {
        "inicio": "inicio",
        "preguntas": {"a": yes_no, "b": yes_no},
        "nodos": nodes,
        "recomendaciones": advice,
        "tecnicas": techniques,
    }


def _same_advice(trial: Trial, source: dict, got: dict, technique: str, otherwise: str, shown: str) -> None:
    expected = []
    for path in decision.paths(source):
        if decision.recommend(path, source).technique == technique:
            kept = decision.recommend(path, source).reason
            expected += [(path | {"operadores": "sí"}, kept)]
            expected += [(path | {"operadores": "no"}, source["recomendaciones"][otherwise]["razon"])]
        else:
            expected += [(path, decision.recommend(path, source).reason)]
    try:
        found = [(path, decision.recommend(path, got).reason) for path in decision.paths(got)]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        trial.reject(
            f"Con {shown}, el árbol que devuelves no se puede recorrer (`{type(error).__name__}: {error}`).",
            "La pregunta nueva va en `preguntas`, con su texto y sus respuestas, y los nodos nuevos, en `nodos`. Si el "
            "«sí» vuelve al propio nodo, no se acaba nunca.",
        )
    for path, reason in expected:
        if (path, reason) not in found:
            trial.reject(
                f"Con {shown}, al árbol nuevo le falta el camino {path}, o no lleva a lo mismo que antes.",
                "Cambia el destino en todas las ramas que llevan a una recomendación de esa técnica, y también "
                "`inicio` si apunta a una. Lo demás queda igual.",
            )
    trial.require(
        len(found) == len(expected),
        f"Con {shown}, el árbol nuevo tiene {len(found)} caminos y deben ser {len(expected)}.",
        "Pregunta solo antes de recomendar esa técnica: en los demás caminos la pregunta sobra.",
    )
    if technique in {source["recomendaciones"][leaf]["tecnica"] for leaf in source["recomendaciones"]} and any(
        "operadores" in path for path, _ in found
    ):
        trial.require(
            got["preguntas"]["operadores"].get("texto") == "¿Están todos los operadores?",
            f"Con {shown}, la pregunta nueva no lleva el texto que se pide.",
            "`preguntas` guarda, para cada pregunta, su `texto` y sus `respuestas`.",
        )


@exercise(
    "opt-4",
    asks="Escribe `contradictions(source, needs)`: los caminos en que el árbol recomienda una técnica sin que las "
    "respuestas le den lo que necesita.",
    first_hint="`decision.paths(source)` da los caminos. ¿Qué pasa con lo que un camino ni siquiera pregunta?",
)
def contradictions(trial: Trial) -> str:
    """Sabotea el árbol del curso de varias maneras; el sano no debe dar falsas alarmas."""
    needs = {
        "int8": {"datos": "sí", "pérdida": "cabe"},
        "qat": {"etiquetas": "sí"},
        "comprimir": {"etiquetas": "sí", "requisito": "descarga"},
    }
    cases = [
        (decision.tree(), needs, "el árbol del curso, que está sano"),
        (_sabotaged("enteros", "no", "entera"), needs, "un árbol que recomienda int8 sin datos"),
        (_sabotaged("cpu-recuperar", "no", "recuperar"), needs, "un árbol que recomienda QAT sin etiquetas"),
        (
            _sabotaged("hardware", "solo enteros", "entera"),
            needs,
            "un árbol que recomienda int8 sin preguntar por los datos",
        ),
        (_sabotaged("cpu-disco", "menos", "comprimir"), needs, "un árbol que poda para ahorrar disco"),
        (
            _sabotaged("enteros-perdida", "no cabe", "entera"),
            needs,
            "un árbol que recomienda int8 aunque pierda demasiado",
        ),
        (decision.tree(), {"float16": {"hardware": "GPU"}}, "otras necesidades"),
    ]
    for source, wanted, shown in cases:
        got = trial.call(copy.deepcopy(source), copy.deepcopy(wanted), shown=shown)
        trial.require(
            isinstance(got, list | tuple) and all(isinstance(path, dict) for path in got),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una lista de caminos.",
            "Cada camino es un diccionario pregunta → respuesta, como los de `decision.paths`.",
        )
        expected = _contradictions(source, wanted)
        missed = [path for path in expected if path not in got]
        false = [path for path in got if path not in expected]
        trial.require(
            not missed,
            f"Con {shown}, se te escapan {len(missed)} caminos; por ejemplo {missed and missed[0]}.",
            "Una necesidad se incumple de dos maneras: la respuesta es otra, o la pregunta no se ha hecho.",
        )
        trial.require(
            not false and len(got) == len(expected),
            f"Con {shown}, señalas caminos que no lo son; por ejemplo {false and false[0]}.",
            "Mira solo las necesidades de la técnica recomendada, y apunta cada camino una vez.",
        )
    return "Un árbol sin contradicciones puede ser malo: ¿qué prueba te diría que además acierta?"


def _sabotaged(node: str, answer: str, target: str) -> dict:
    source = copy.deepcopy(decision.tree())
    source["nodos"][node]["ramas"][answer] = target
    return source


def _contradictions(source: dict, needs: dict) -> list[dict]:
    return [
        path
        for path in decision.paths(source)
        if any(path.get(q) != a for q, a in needs.get(decision.recommend(path, source).technique, {}).items())
    ]
