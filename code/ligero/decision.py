"""El árbol que aconseja cómo reducir un modelo: sus datos están en `resources/decision.json`; aquí, cómo recorrerlo."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_BRANCH = (
    '<details style="margin:.3em;padding-left:.9em;border-left:3px solid #0072B2"><summary>{}</summary>{}</details>'
)
_LEAF = "<p>→ <strong>{nombre}</strong>. {razon} <em>Capítulo «{titulo}».</em></p>"


@dataclass(frozen=True)
class Recommendation:
    """Lo que aconseja el árbol: técnica, razón, capítulo que la enseña y respuestas que han llevado a ella."""

    technique: str
    reason: str
    chapter: str
    path: dict[str, str]


@cache
def tree() -> dict:
    """El árbol del curso: `inicio`, `preguntas`, `nodos`, `recomendaciones` y `tecnicas`."""
    return json.loads(files("ligero").joinpath("resources", "decision.json").read_text(encoding="utf-8"))


def recommend(answers: Mapping[str, str], source: dict | None = None) -> Recommendation:
    """Recorre el árbol con las respuestas y devuelve lo que aconseja.

    Args:
        answers: Pregunta → respuesta. Lo que el camino no pregunta no influye.
        source: Otro árbol con la misma estructura; si no se da, el del curso.

    Raises:
        ValueError: Si una pregunta o una respuesta no existen, o falta una respuesta que el camino pide.

    Example:
        >>> advice = recommend({"hardware": "CPU", "requisito": "disco", "tamaño": "la mitad"})
        >>> advice.technique, advice.chapter
        ('float16', 'reducir/cuantizacion-postentrenamiento')
    """
    source, path = source or tree(), {}
    questions, node = source["preguntas"], source["inicio"]
    for question, answer in answers.items():
        if question not in questions:
            raise ValueError(f"`answers`: no existe la pregunta «{question}». Las que hay: {', '.join(questions)}.")
        if answer not in (known := questions[question]["respuestas"]):
            raise ValueError(f"`answers`: «{answer}» no responde a «{question}». Elige entre: {', '.join(known)}.")
    while node in source["nodos"]:
        question, branches = source["nodos"][node]["pregunta"], source["nodos"][node]["ramas"]
        if question not in answers:
            raise ValueError(f"`answers`: falta «{question}». Responde una de: {', '.join(branches)}.")
        path[question], node = answers[question], branches[answers[question]]
    advice = source["recomendaciones"][node]
    return Recommendation(advice["tecnica"], advice["razon"], source["tecnicas"][advice["tecnica"]]["capitulo"], path)


def paths(source: dict | None = None, node: str = "") -> Iterator[dict[str, str]]:
    """Da, uno por uno, todos los caminos del árbol: las respuestas que llevan del inicio a una recomendación."""
    source = source or tree()
    branch = source["nodos"].get(node or source["inicio"], {"ramas": {}})
    for answer, target in branch["ramas"].items():
        yield from ({branch["pregunta"]: answer} | rest for rest in paths(source, target))
    if not branch["ramas"]:
        yield {}


def figure(source: dict | None = None, node: str = "") -> str:
    """El árbol en HTML, con un `<details>` por respuesta: se abre con un clic o con el teclado, sin servidor."""
    source = source or tree()
    if advice := source["recomendaciones"].get(node):
        return _LEAF.format(**advice, **source["tecnicas"][advice["tecnica"]])
    branch = source["nodos"][node or source["inicio"]]
    question = source["preguntas"][branch["pregunta"]]
    answers = (_BRANCH.format(question["respuestas"][a], figure(source, b)) for a, b in branch["ramas"].items())
    return f"<p><strong>{question['texto']}</strong></p>{''.join(answers)}"
