"""Extensión de Sphinx: lo que al sitio le falta para un lector en español, sin red y con lector de pantalla.

Fórmulas en MathML (sin JavaScript ni servidor ajeno), texto alternativo en las figuras de los cuadernos, búsqueda que
no distingue acentos, rótulos del tema en buen español y páginas que pesan la mitad.
"""

import re
import unicodedata
from gettext import NullTranslations
from pathlib import Path

import sphinx.search
from docutils import nodes
from latex2mathml.converter import convert as to_mathml
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx import locale
from sphinx.application import Sphinx
from sphinx.search import languages
from sphinx.search.es import SearchSpanish

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

_ICON_SCRIPT = re.compile(r'<script src="[^"]*scripts/fontawesome\.js[^"]*"></script>')


def fold(word: str) -> str:
    """Quita los acentos: quien busca «cuantizacion» espera encontrar «cuantización».

    >>> fold("cuantización")
    'cuantizacion'
    """
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


class SearchWithoutAccents(SearchSpanish):
    """El buscador en español de Sphinx, que quita los acentos tanto al indexar como al buscar."""

    js_stemmer_rawcode = ""  # sin esto Sphinx usaría el suyo e ignoraría js_stemmer_code

    @property
    def js_stemmer_code(self) -> str:
        """El lematizador original, envuelto en JavaScript para que reciba palabras sin acentos."""
        folder = Path(sphinx.search.__file__).parent / "non-minified-js"
        base, spanish = (
            (folder / name).read_text(encoding="utf-8") for name in ("base-stemmer.js", "spanish-stemmer.js")
        )
        return f"""{base}
{spanish}
var Stemmer = function () {{
    var inner = new SpanishStemmer();
    this.stemWord = function (word) {{
        return inner.stemWord(word.normalize("NFD").replace(/\\p{{M}}/gu, ""));
    }};
}};
"""

    def stem(self, word: str) -> str:
        """Lematiza la palabra sin acentos."""
        return super().stem(fold(word))


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


def _drop_icon_script(app: Sphinx, error: Exception | None) -> None:
    """Quita de cada página 1.5 MB de JavaScript que dibuja iconos: las fuentes que el tema ya carga bastan."""
    if error is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(_ICON_SCRIPT.sub("", text), encoding="utf-8")
    (Path(app.outdir) / "_static" / "scripts" / "fontawesome.js").unlink(missing_ok=True)


def setup(app: Sphinx) -> dict:
    """Registra los arreglos."""
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_math, None))
    NbElementRenderer.render_image = _render_image_with_alt(NbElementRenderer.render_image)
    languages["es"] = SearchWithoutAccents
    app.connect("builder-inited", _correct_labels)
    app.connect("build-finished", _drop_icon_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
