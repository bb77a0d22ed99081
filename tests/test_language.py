"""Lo que lee una persona: en español, con los términos del glosario y los números a la manera del curso."""

import re

import nbformat
import pytest

from course import project

#: Calcos y términos que el curso no usa, con el que usa en su lugar.
AVOIDED = {
    r"cuantificaci[óo]n": "cuantización",
    r"\blibrer[íi]as?\b": "biblioteca",
    r"tomar ventaja": "aprovechar",
    r"correr (?:un|el|los) (?:modelo|cuaderno|test)": "ejecutar",
    r"en orden a\b": "para",
    r"\bperformance\b": "rendimiento o latencia",
    r"\btestear\b": "probar",
    r"\bdeploy\w*": "desplegar",
    r"\bdata ?sets?\b": "conjunto de datos",
    r"\bpruning\b": "poda",
    r"\bagrupamiento de pesos\b": "agrupación de pesos",
    r"\bhacer sentido\b": "tener sentido",
    r"\baplicación de (?:la )?librería\b": "biblioteca",
}


def texts():
    """Textos para leer, con su origen; sin código, direcciones ni el inglés en cursiva."""
    for path in sorted(project.ROOT.glob("*.md")) + sorted((project.ROOT / "data").glob("*.md")):
        yield path.name, path.read_text(encoding="utf-8")
    for path in project.pages():
        if path.suffix == ".md":
            yield path.name, path.read_text(encoding="utf-8")
        else:
            for i, cell in enumerate(nbformat.read(path, as_version=4).cells):
                if cell.cell_type == "markdown":
                    yield f"{path.name}, celda {i}", cell.source


def prose(text):
    text = re.sub(r"<!-- english -->.*?<!-- /english -->", "", text, flags=re.S)
    text = re.sub(r"```.*?```|~~~.*?~~~|`[^`\n]+`|\$\$.+?\$\$|\$[^$]+\$", " ", text, flags=re.S)
    text = re.sub(r"!?\[(?=[^\]]*\])|\]\([^)]*\)|https?://\S+|<[^>]+>|(?<!\*)\*[^*\n]+\*(?!\*)", " ", text)
    return text


SOURCES = dict(texts())


@pytest.mark.parametrize("name", SOURCES)
def test_words(name):
    if name.startswith("CONTRIBUTING"):  # los nombra para prohibirlos
        return
    found = [
        f"«{m.group()}»: escribe «{better}»"
        for bad, better in AVOIDED.items()
        for m in re.finditer(bad, prose(SOURCES[name]), re.I)
    ]
    assert not found


@pytest.mark.parametrize("name", SOURCES)
def test_numbers(name):
    text = prose(SOURCES[name])
    assert not re.findall(r"\d,\d", text), "punto decimal, y espacio fino para los miles"
    assert not re.findall(r"(?<![\w.])\d{1,3} \d{3}(?!\d)", text), "miles con espacio fino (U+202F)"
    assert not re.findall(r"\d%", text), "un espacio entre el número y %"


def test_every_sentence_has_its_opening_mark():
    for name, text in SOURCES.items():
        clean = prose(text)
        assert clean.count("¿") == clean.count("?"), f"{name}: signos de interrogación sin pareja"
        assert clean.count("¡") == clean.count("!"), f"{name}: signos de exclamación sin pareja"
        assert clean.count("«") == clean.count("»"), f"{name}: comillas sin pareja"


def test_the_rules_notice_what_they_should():
    assert re.search(next(iter(AVOIDED)), "la cuantificación")
    assert "librería" in prose("usa la librería `x`") and "pruning" not in prose("la poda (*pruning*)")
    assert re.findall(r"\d,\d", prose("0,5")) and not re.findall(r"\d,\d", prose("`(0,5)`"))
