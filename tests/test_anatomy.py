"""La anatomía: los cuadernos la cumplen, y cada regla salta cuando se incumple."""

import copy

import nbformat
import pytest

from course import anatomy, project

NOTEBOOKS = pytest.mark.parametrize("path", project.notebooks(), ids=lambda path: path.stem)


@NOTEBOOKS
def test_notebook_follows_the_anatomy(path):
    found = anatomy.violations(nbformat.read(path, as_version=4), path)
    assert not found, "\n- " + "\n- ".join(found)


# Las equivocaciones plantadas buscan frases de este cuaderno.
MODEL = next(path for path in project.notebooks() if path.stem == "cuantizacion-postentrenamiento")


def cell_with(notebook, text):
    return next(cell for cell in notebook.cells if text in cell.source)


def edit(old, new, everywhere=False):
    """Cambia `old` por `new` en la primera celda que lo lleva, o en todas."""

    def plant(notebook):
        cells = [cell for cell in notebook.cells if old in cell.source]
        assert cells, f"el cuaderno modelo ya no contiene «{old}»"
        for cell in cells if everywhere else cells[:1]:
            cell.source = cell.source.replace(old, new)

    return plant


def move_claim(notebook):
    position = next(i for i, cell in enumerate(notebook.cells) if "claim(" in cell.source and cell.cell_type == "code")
    notebook.cells.insert(4, notebook.cells.pop(position))


def without(text):
    def plant(notebook):
        notebook.cells = [cell for cell in notebook.cells if text not in cell.source]

    return plant


def add_code(source):
    def plant(notebook):
        notebook.cells.insert(4, nbformat.v4.new_code_cell(source))

    return plant


def skip_a_cell(notebook):
    notebook.cells[3].metadata["tags"] = ["nbval-skip"]


def ignore_without_a_reason(notebook):
    notebook.cells[3].metadata["tags"] = ["nbval-ignore-output"]


@pytest.mark.parametrize(
    ("plant", "says"),
    [
        (edit("# Cuantización post", "Cuantización post"), "debe ser Markdown y empezar por el título"),
        (edit("colab.research.google.com/github/", "colab.research.google.com/otro/"), "botón de Colab"),
        (edit("Al terminar sabrás", "Verás"), "falta la línea «Al terminar sabrás"),
        (edit("**Duración:**", ""), "falta **Duración:**"),
        (edit("- **", "- ", everywhere=True), "al menos tres objetivos"),
        (edit("%pip install", "!pip install"), "celda debe ser la de preparación"),
        (edit("## Lo que suele fallar", "## Errores"), "Las últimas secciones deben ser"),
        (edit("## Un modelo que no cabe", "Un modelo que no cabe"), "sección con la pregunta"),
        (without("FOLDS = 3"), "mide la respuesta ingenua"),
        (edit("\n## ", "\n### ", everywhere=True), "Faltan secciones"),
        (edit("### Ejercicio", "**Ejercicio", everywhere=True), "tres ejercicios o más"),
        (edit("**Predice.**", "Piensa.", everywhere=True), "al menos tres predicciones"),
        (edit("plots.show", "plots.save", everywhere=True), "Faltan figuras"),
        (edit("plots.show", "plt.show"), "muestra las figuras con `plots.show"),
        (edit("claim(", "print(", everywhere=True), "no prueba ninguna afirmación"),
        (move_claim, "fuera de «Comprobaciones»"),
        (edit('size_ratio["float16"])', "0.5)", everywhere=True), "valor escrito a mano"),
        (edit('claim("A-10", razon_tamano=size_ratio["float16"])', 'claim("A-10", razon_tamano=float(0.5))'), "a mano"),
        (edit('claim("A-10", razon_tamano=size_ratio["float16"])', 'x = 0.5\nclaim("A-10", razon_tamano=x)'), "a mano"),
        (edit('claim("A-10", razon_tamano=size_ratio["float16"])', 'claim("A-10", **hits)'), "sin `**`"),
        (edit("| Síntoma | Causa | Remedio |", "| Síntoma | Remedio |"), "columnas Síntoma, Causa y Remedio"),
        (edit("(aplicar)", "(fácil)"), "nivel de un ejercicio"),
        (edit("(diseñar)", "(aplicar)", everywhere=True), "deben crecer"),
        (edit("### Ejercicio 3.", "### Ejercicio 7."), "Numera los ejercicios"),
        (edit("<summary>Pista</summary>", "<summary>Ayuda</summary>"), "necesita su «Pista»"),
        (edit("<summary>Solución</summary>", "<summary>Ayuda</summary>"), "necesita su «Solución»"),
        (without('check("quant-5"'), "plantilla y `check"),
        (edit("**4. ", "4. "), "Pregunta 3"),
        (edit("\nSí: ", "\nNo: "), "exactamente una opción es la correcta"),
        (edit("No: las activaciones son las mismas que en float32.", "No."), "necesita su explicación"),
        (edit("- **Prever**:", "- **Olvidar**:"), "repetir los objetivos"),
        (edit("**Siguiente paso.**", ""), "Siguiente paso"),
        (edit("**Fuentes**", "Fuentes"), "Fuentes"),
        (edit("Solo el último", "```{note}\nSolo el último"), "sintaxis de MyST"),
        (edit("Solo el último", "{ref}`algo` Solo el último"), "sintaxis de MyST"),
        (edit("<summary>Pista</summary>\n\n", "<summary>Pista</summary>\n"), "línea en blanco"),
        (edit("</details>", ""), "sin cerrar"),
        (add_code("\n".join(["x = 1"] * 50)), "50 líneas de código"),
        (skip_a_cell, "ninguna celda se exime"),
        (ignore_without_a_reason, "di por qué en su primera línea"),
    ],
)
def test_each_rule_notices_its_violation(plant, says):
    notebook = copy.deepcopy(nbformat.read(MODEL, as_version=4))
    plant(notebook)
    assert says in "\n".join(anatomy.violations(notebook, MODEL))


@pytest.mark.parametrize(
    "plant",
    [
        edit("Solo el último", "`{scheme}` y `{ruta}` Solo el último"),
        edit("**Fuentes**\n\n", "**Fuentes**\n\n- **Keras**, guía.\n"),
    ],
)
def test_what_is_allowed_is_not_reported(plant):
    notebook = copy.deepcopy(nbformat.read(MODEL, as_version=4))
    plant(notebook)
    assert anatomy.violations(notebook, MODEL) == []


def test_an_almost_empty_notebook():
    empty = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Hola")])
    assert "casi vacío" in anatomy.violations(empty, MODEL)[0]
