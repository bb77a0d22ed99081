"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

import copy

from ligero import decision


def _over(limits, measured, absent, order):
    names = [n for n in limits if (absent if measured.get(n) is None else measured[n] > limits[n])]
    return sorted(names, key=order(limits, measured))


def _ratio(limits, measured):
    return lambda n: -(float("inf") if measured.get(n) is None else measured[n] / limits[n])


def _excess(limits, measured):
    return lambda n: -(float("inf") if measured.get(n) is None else measured[n] - limits[n])


def _strict(limits, measured):
    return sorted(
        (n for n in limits if measured.get(n) is None or measured[n] >= limits[n]), key=_ratio(limits, measured)
    )


def _unlimited(limits, measured):
    names = [n for n in {**limits, **measured} if measured.get(n) is None or measured[n] > limits.get(n, 0)]
    return sorted(names, key=lambda n: _ratio(limits, measured)(n) if n in limits else 0)


def _fit(rows, ratio, loss, key="low"):
    return [row for row in rows if row["ratio"] <= ratio and row[key] > -loss]


def _fewest(rows, ratio, loss):
    fit = _fit(rows, ratio, loss)
    least = min((len(row["demands"]) for row in fit), default=0)
    return [row["name"] for row in fit if len(row["demands"]) == least]


def _first(rows, ratio, loss):
    return [row["name"] for row in sorted(_fit(rows, ratio, loss), key=lambda row: len(row["demands"]))[:1]]


def _pareto(rows, ratio, loss, key):
    fit = _fit(rows, ratio, loss, key)
    return [row["name"] for row in fit if not any(other["demands"] < row["demands"] for other in fit)]


def _not_strict(rows, ratio, loss):
    fit = [row for row in rows if row["ratio"] <= ratio and row["low"] >= -loss]
    return [row["name"] for row in fit if not any(other["demands"] < row["demands"] for other in fit)]


def _extended(source, technique, question, text, otherwise, *, only_one=False, start=True, everything=False):
    new = copy.deepcopy(source)
    new["preguntas"][question] = {"texto": text, "respuestas": {"sí": "sí", "no": "no"}}
    done = False
    for leaf, advice in source["recomendaciones"].items():
        if (advice["tecnica"] != technique and not everything) or (only_one and done):
            continue
        name, done = f"{question}-{leaf}", True
        for node in list(new["nodos"].values()):
            node["ramas"] = {answer: name if target == leaf else target for answer, target in node["ramas"].items()}
        if start and new["inicio"] == leaf:
            new["inicio"] = name
        new["nodos"][name] = {"pregunta": question, "ramas": {"sí": leaf, "no": otherwise}}
    return new


def _in_place(source, *rest):
    source.update(_extended(source, *rest))
    return source


def _swapped(source, technique, question, text, otherwise):
    new = _extended(source, technique, question, text, otherwise)
    for node in new["nodos"].values():
        if node["pregunta"] == question:
            node["ramas"] = {"sí": node["ramas"]["no"], "no": node["ramas"]["sí"]}
    return new


def _no_question(source, *rest):
    new = _extended(source, *rest)
    del new["preguntas"][rest[1]]
    return new


def _no_text(source, technique, question, text, otherwise):
    return _extended(source, technique, question, "¿?", otherwise)


def _violations(source, needs, wrong):
    return [p for p in decision.paths(source) if wrong(p, needs.get(decision.recommend(p, source).technique, {}))]


def _only_wrong_answers(source, needs):
    return _violations(source, needs, lambda p, n: any(q in p and p[q] != a for q, a in n.items()))


def _all_must_fail(source, needs):
    return _violations(source, needs, lambda p, n: bool(n) and all(p.get(q) != a for q, a in n.items()))


def _every_technique(source, needs):
    return [p for p in decision.paths(source) if any(p.get(q) != a for n in needs.values() for q, a in n.items())]


def _one_per_need(source, needs):
    return [
        p
        for p in decision.paths(source)
        for q, a in needs.get(decision.recommend(p, source).technique, {}).items()
        for _ in range(2)
        if p.get(q) != a
    ]


MISTAKES = {
    "opt-1": [
        ("lo visible del enunciado", lambda limits, measured: ["memoria", "disco"], "Con un solo exceso"),
        ("lo no medido se da por cumplido", lambda a, b: _over(a, b, False, _ratio), "no está medido"),
        ("ordenar por el exceso sin dividir", lambda a, b: _over(a, b, True, _excess), "relativo al límite"),
        ("igualar el límite es incumplirlo", _strict, "igualarlo todavía vale"),
        ("contar lo que nadie limitó", _unlimited, "Lo que nadie limitó"),
        ("del mejor al peor", lambda a, b: _over(a, b, True, _ratio)[::-1], "el orden"),
    ],
    "opt-2": [
        ("lo visible del enunciado", lambda rows, ratio, loss: ["int8"], "un límite de 0.6"),
        ("mirar la diferencia y no la cota", lambda r, a, b: _pareto(r, a, b, "points"), "mira `low`"),
        ("contar exigencias", _fewest, "Contar exigencias no vale"),
        ("quedarse con una", _first, "Falta alguna"),
        ("todas las que cumplen", lambda r, a, b: [row["name"] for row in _fit(r, a, b)], "exige de más"),
        ("aceptar la cota justa", _not_strict, "igualarla no basta"),
    ],
    "opt-3": [
        ("lo visible: devolver el mismo árbol", lambda source, *rest: copy.deepcopy(source), "falta el camino"),
        ("cambiar el árbol recibido", _in_place, "cambias el árbol recibido"),
        ("solo la primera hoja", lambda *a: _extended(*a, only_one=True), "varias hojas"),
        ("olvidar el inicio", lambda *a: _extended(*a, start=False), "empieza en la hoja"),
        ("preguntar siempre", lambda *a: _extended(*a, everything=True), "el camino"),
        ("las ramas al revés", _swapped, "no lleva a lo mismo"),
        ("sin declarar la pregunta", _no_question, "no se puede recorrer"),
        ("sin su texto", _no_text, "no lleva el texto"),
    ],
    "opt-4": [
        ("lo visible: el árbol del curso no tiene", lambda source, needs: [], "recomienda int8 sin datos"),
        ("solo las respuestas contrarias", _only_wrong_answers, "la pregunta no se ha hecho"),
        ("exigir que fallen todas", _all_must_fail, "se te escapan"),
        ("las necesidades de todas las técnicas", _every_technique, "Mira solo las necesidades"),
        ("un camino por necesidad, repetido", _one_per_need, "una vez"),
        ("solo cuántos hay", lambda source, needs: 3, "se espera una lista"),
    ],
}
