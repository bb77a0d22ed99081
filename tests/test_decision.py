"""El árbol de decisión: se recorre entero y ninguna recomendación contradice las respuestas que llevan a ella."""

import copy
import re
from html.parser import HTMLParser

import pytest

from course import project
from ligero import decision, published

TREE = decision.tree()
PATHS = list(decision.paths())
EACH = pytest.mark.parametrize("path", PATHS, ids=lambda path: "·".join(path.values()))
#: Los capítulos del temario a los que puede mandar.
SYLLABUS = {
    "acelerar/rendimiento",
    "reducir/buenas-practicas",
    "reducir/cuantizacion-desde-cero",
    "reducir/cuantizacion-postentrenamiento",
    "reducir/cuantizacion-16x8",
    "reducir/cuantizacion-depurar",
    "reducir/qat",
    "reducir/poda",
    "reducir/agrupacion",
    "reducir/combinar",
    "reducir/destilacion",
    "reducir/aceleradores",
    "reducir/litert",
}
SIZE = {"float32": "nada", "float16": "la mitad", "dynamic": "la cuarta parte", "int8": "la cuarta parte"}


@EACH
def test_every_path_ends_in_advice_and_uses_all_its_answers(path):
    advice = decision.recommend(path)
    assert advice.path == path and list(advice.path) == list(path)
    assert len(advice.reason) >= 40 and advice.technique in TREE["tecnicas"]


@EACH
def test_advice_never_contradicts_the_answers(path):
    technique = decision.recommend(path).technique
    if technique in ("int8", "int16x8"):
        assert path["datos"] == "sí"
    if technique in ("qat", "comprimir"):
        assert path["etiquetas"] == "sí"
    if technique == "destilacion":
        assert path["datos"] == "sí"
    if technique == "comprimir":
        assert path["requisito"] == "descarga", "los ceros solo encogen lo que se comprime: ni disco, ni tiempo"
    if path["hardware"] == "solo enteros":
        assert technique in ("int8", "int16x8", "qat", "destilacion", "reunir")
    if path.get("pérdida") == "no cabe":
        assert technique not in ("dynamic", "int8")
    if technique in ("dynamic", "int8"):
        assert path["pérdida"] == "cabe", "8 bits sin entrenar, solo si se ha medido lo que pierden"
    if path.get("requisito") == "ninguno":
        assert technique == "float32"
    if technique == "float16":
        assert path["requisito"] != "en marcha" or path["hardware"] == "GPU", "en CPU no ahorra memoria ni tiempo"


@EACH
def test_advice_reaches_the_size_asked_for_or_says_it_does_not(path):
    advice = decision.recommend(path)
    if path.get("tamaño") == "menos":
        assert advice.technique not in SIZE
    if path.get("tamaño") == "la cuarta parte" and advice.technique == "float16":
        assert "la mitad es lo que se puede asegurar" in advice.reason


def test_every_leaf_node_question_and_technique_is_reached():
    leaves = {advice["razon"] for advice in TREE["recomendaciones"].values()}
    assert {decision.recommend(path).reason for path in PATHS} == leaves
    assert {question for path in PATHS for question in path} == set(TREE["preguntas"])
    used = {(question, answer) for path in PATHS for question, answer in path.items()}
    assert used == {(q, a) for q, row in TREE["preguntas"].items() for a in row["respuestas"]}
    assert {decision.recommend(path).technique for path in PATHS} == set(TREE["tecnicas"])
    targets = {target for node in TREE["nodos"].values() for target in node["ramas"].values()} | {TREE["inicio"]}
    assert targets == set(TREE["nodos"]) | set(TREE["recomendaciones"])
    assert not set(TREE["nodos"]) & set(TREE["recomendaciones"])


def test_every_node_answers_its_question_whole_and_no_path_asks_twice():
    for name, node in TREE["nodos"].items():
        assert set(node["ramas"]) == set(TREE["preguntas"][node["pregunta"]]["respuestas"]), name
    longest = max(map(len, PATHS))
    assert longest <= len(TREE["preguntas"])
    for path in PATHS:  # una pregunta repetida se pisaría: el camino tendría menos respuestas que nodos
        node, steps = TREE["inicio"], 0
        while node in TREE["nodos"]:
            node, steps = TREE["nodos"][node]["ramas"][path[TREE["nodos"][node]["pregunta"]]], steps + 1
        assert steps == len(path)


def test_it_asks_what_the_syllabus_promises():
    assert {"hardware", "tamaño", "pérdida", "datos", "etiquetas"} <= set(TREE["preguntas"])


def test_chapters_exist_and_keep_their_title_and_figures_are_published():
    pages = {project.page_id(path): path for path in project.notebooks()}
    for technique in TREE["tecnicas"].values():
        assert technique["capitulo"] in SYLLABUS
        if path := pages.get(technique["capitulo"]):
            title = re.search(r'"# ([^:\\"\n]+)', path.read_text(encoding="utf-8"))[1].strip()
            assert technique["titulo"] == title, "el título cambió: ponlo en decision.json"
        assert set(technique["cifras"].split()) <= set(published.figures())


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({}, "falta «hardware». Responde una de: CPU, GPU, solo enteros"),
        ({"hardware": "CPU", "requisito": "disco"}, "falta «tamaño»"),
        ({"hardware": "TPU"}, "«TPU» no responde a «hardware». Elige entre: CPU"),
        ({"placa": "CPU"}, "no existe la pregunta «placa». Las que hay: hardware"),
        ({"hardware": True}, "«True» no responde a «hardware»"),
    ],
)
def test_bad_answers_are_explained(answers, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        decision.recommend(answers)


def test_another_tree_can_be_walked_and_drawn():
    other = copy.deepcopy(TREE)
    other["nodos"]["hardware"]["ramas"]["GPU"] = "no-reducir"
    assert decision.recommend({"hardware": "GPU"}, other).technique == "float32"
    assert len(list(decision.paths(other))) < len(PATHS)
    assert decision.figure(other) != decision.figure()
    assert decision.recommend({"hardware": "GPU", "requisito": "en marcha"}).technique == "float16"


def test_the_figure_shows_every_path_once_and_needs_no_script():
    class Reader(HTMLParser):
        open_tags, trail, found = [], [], []

        def handle_starttag(self, tag, attrs):
            self.open_tags.append(tag)

        def handle_endtag(self, tag):
            assert self.open_tags.pop() == tag
            if tag == "details":
                self.trail.pop()

        def handle_data(self, text):
            if self.open_tags and self.open_tags[-1] == "summary":
                self.trail.append(text)
            elif "→" in text:
                self.found.append(tuple(self.trail))

    reader = Reader()
    reader.feed(decision.figure())
    shown = [tuple(TREE["preguntas"][q]["respuestas"][a] for q, a in path.items()) for path in PATHS]
    assert reader.found == shown and not reader.open_tags
    assert "<script" not in decision.figure() and "\n\n" not in decision.figure()
