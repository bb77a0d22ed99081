"""Extensión de Sphinx: lo que al sitio le falta para un lector en español, sin red y con lector de pantalla.

Fórmulas en MathML (sin JavaScript ni servidor ajeno), texto alternativo en las figuras de los cuadernos, búsqueda que
no distingue acentos, rótulos del tema en buen español y páginas que pesan la mitad.
"""

import re
import unicodedata
from gettext import NullTranslations
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert as to_mathml
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx import locale
from sphinx.application import Sphinx
from sphinx.search import languages
from sphinx.search.es import SearchSpanish

from course import bibliography

# El catálogo del tema está traducido en parte por una máquina, y en parte no lo está.
_LABELS = {
    "By": "Por",
    "By the": "Por",
    "Download notebook file": "Descargar el cuaderno",
    "Download source file": "Descargar el fichero fuente",
    "Download this page": "Descargar esta página",
    "Edit this page": "Editar esta página",
    "Fullscreen mode": "Pantalla completa",
    "Last updated on": "Última actualización:",
    "Launch": "Ejecutar",
    "Launch on": "Abrir en",
    "Link to this heading": "Enlace a este apartado",
    "Search Page": "Buscar",
    "Open an issue": "Avisar de un error",
    "open issue": "Avisar de un error",
    "Open in": "Abrir en",
    "Print to PDF": "Imprimir en PDF",
    "Section Navigation": "Navegación de la sección",
    "Show Source": "Ver el fuente",
    "Source repository": "Repositorio",
    "Toggle navigation": "Abrir o cerrar la navegación",
    "previous page": "página anterior",
    "suggest edit": "Proponer un cambio",
}
# Atributos que las plantillas del tema llevan en inglés, sin pasar por ningún catálogo.
_FIXED_TEXTS = {
    "Colab logo": "Logotipo de Colab",
    "Launch interactive content": "Ejecutar el cuaderno",
    "Main": "Principal",
    "Page": "En esta página",
    "Search this book...": "Buscar en el curso…",
    "Source repositories": "Repositorio",
    "Toggle hidden content": "Mostrar u ocultar el contenido",
    "Toggle primary sidebar": "Mostrar u ocultar el índice",
    "Toggle secondary sidebar": "Mostrar u ocultar el contenido de la página",
}

# Lo que el tema mete en cada página y aquí sobra.
_UNWANTED = re.compile(
    # Dibuja los iconos con 1.5 MB de JavaScript; las fuentes que el tema ya carga bastan.
    r'<script src="[^"]*scripts/fontawesome\.js[^"]*"></script>|'
    # Ejecutar en la página con Thebe pide un servidor; el guion, además, va repetido y falla al cargarse.
    r"<script>const THEBE_JS_URL[^<]*</script>|"
    r"<script [^>]*sphinx-thebe\.js[^>]*></script>|"
    r"<link [^>]*sphinx-thebe\.css[^>]*>|"
    r'<script type="text/x-thebe-config">.*?</script>|'
    # Tarjetas y pestañas de sphinx-design, que el libro no usa: 60 kB.
    r"<link [^>]*sphinx-design[^>]*>|<script [^>]*design-tabs\.js[^>]*></script>|"
    # Una lista accesible solo admite elementos de lista, y en la bibliografía no todos lo son.
    r'(?<=<div) role="list"(?= class="citation-list">)',
    re.S,
)


def fold(word: str) -> str:
    """Quita los acentos: quien busca «cuantizacion» espera encontrar «cuantización».

    >>> fold("cuantización")
    'cuantizacion'
    """
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


class SearchWithoutAccents(SearchSpanish):
    """El buscador de Sphinx, sin acentos y con una lematización mínima: quita la «s» y la «e» finales.

    El lematizador que trae Sphinx da raíces distintas en Python y en el navegador cuando falta un acento; este hace
    lo mismo en los dos, y del resto se encarga la búsqueda por fragmentos.
    """

    js_stemmer_rawcode = ""  # sin esto Sphinx usaría el suyo e ignoraría js_stemmer_code
    js_stemmer_code = r"""
var Stemmer = function () {
    this.stemWord = function (word) {
        return word.normalize("NFD").replace(/\p{M}/gu, "").replace(/^(.{3,}?)e?s?$/u, "$1");
    };
};
"""

    def stem(self, word: str) -> str:
        """Quita los acentos y la terminación del plural."""
        return re.sub(r"^(.{3,}?)e?s?$", r"\1", fold(word.lower()))


class _Labels(NullTranslations):
    """Pone los rótulos del curso por delante de los del tema."""

    def gettext(self, message: str) -> str:
        return _LABELS.get(message) or super().gettext(message)


def _correct_labels(app: Sphinx) -> None:
    for key in (("general", "booktheme"), ("general", "sphinx")):
        corrected = _Labels()
        corrected.add_fallback(locale.translators[key])
        locale.translators[key] = corrected


def _visit_math(translator, node: nodes.Element) -> None:
    display = "block" if isinstance(node, nodes.math_block) else "inline"
    markup = to_mathml(node.astext(), display=display)
    tag = "div" if display == "block" else "span"
    translator.body.append(f'<{tag} class="math">{markup}</{tag}>')
    raise nodes.SkipNode


def _render_image_with_alt(original):
    """MyST-NB lee de los metadatos de una imagen el ancho y el alto, pero no el texto alternativo."""

    def render(self: NbElementRenderer, data: MimeData) -> list[nodes.Element]:
        images = original(self, data)
        alt = data.output_metadata.get(data.mime_type, {}).get("alt")
        if alt:
            for image in images:
                image["alt"] = alt
        return images

    return render


def _finish_pages(app: Sphinx, error: Exception | None) -> None:
    """Traduce lo que el tema trae escrito en inglés en sus plantillas y quita de cada página lo que sobra."""
    if error is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = _UNWANTED.sub("", page.read_text(encoding="utf-8"))
        for english, spanish in _FIXED_TEXTS.items():
            text = text.replace(f'="{english}"', f'="{spanish}"')
        page.write_text(text, encoding="utf-8")
    (Path(app.outdir) / "_static" / "scripts" / "fontawesome.js").unlink(missing_ok=True)


def setup(app: Sphinx) -> dict:
    """Registra los arreglos."""
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_math, None))
    NbElementRenderer.render_image = _render_image_with_alt(NbElementRenderer.render_image)
    languages["es"] = SearchWithoutAccents
    bibliography.register()
    app.connect("builder-inited", _correct_labels)
    app.connect("build-finished", _finish_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
