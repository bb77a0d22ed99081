"""El sitio, construido desde cero: sin avisos, sin red, con texto alternativo, en español y ligero."""

import json
import re
import shutil
import subprocess
from urllib.parse import urldefrag

import pytest
from bs4 import BeautifulSoup

from course import book, project
from course.site import SearchWithoutAccents, fold


@pytest.fixture(scope="module")
def pages(site):
    found = {}
    for page in project.pages():
        path = site / page.relative_to(project.ROOT).with_suffix(".html")
        found[path] = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    return found


def test_the_front_door_leads_to_the_first_page(site):
    assert "chapters/index.html" in (site / "index.html").read_text(encoding="utf-8")


def test_pages_ask_nothing_of_other_hosts(pages):
    for path, page in pages.items():
        asked = [tag.get("src") for tag in page.find_all(["script", "img", "iframe"])]
        asked += [tag.get("href") for tag in page.find_all("link") if "canonical" not in tag.get("rel", [])]
        assert not [url for url in asked if url and re.match(r"(https?:)?//", url)], path.name


def test_every_figure_has_an_alternative_text(pages):
    figures = 0
    for path, page in pages.items():
        for image in page.select("article img"):
            assert image.get("alt", "").strip(), f"{path.name}: {image.get('src')}"
            if image.find_parent(class_="cell_output"):
                figures += 1
                assert len(image["alt"]) >= 40, f"{path.name}: di qué se ve y qué significa"
    assert figures >= 5


def test_formulas_need_no_script(pages):
    formulas = [math for page in pages.values() for math in page.find_all("math")]
    assert formulas
    assert not [page for page in pages.values() if "MathJax" in str(page.head)]


def test_solutions_are_real_disclosures_with_rendered_code(pages):
    details = [d for page in pages.values() for d in page.select("article details") if d.summary.text == "Solución"]
    assert len(details) >= 5 and all(d.select("div.highlight pre") for d in details)


def test_no_markup_is_left_raw(pages):
    for path, page in pages.items():
        for tag in page.select("article pre, article code"):
            tag.extract()
        text = page.select_one("article").text
        assert not re.search(r"```|\{[a-z:]+\}`|</?(?:div|details|summary|p)\b|\|:?--", text), path.name


def test_internal_links_and_anchors_lead_somewhere(site, pages):
    for path, page in pages.items():
        for link in page.find_all("a", href=True):
            url, anchor = urldefrag(link["href"])
            if re.match(r"[a-z]+:", url):
                continue
            target = (path.parent / url).resolve() if url else path
            assert target.is_file(), f"{path.name} enlaza {link['href']}"
            if anchor and target in pages:
                assert pages[target].find(id=anchor) or anchor.startswith("search"), f"{path.name}: #{anchor}"


def test_buttons_open_the_right_notebook(pages):
    for notebook in project.notebooks():
        page = next(p for path, p in pages.items() if path.stem == notebook.stem)
        hrefs = [link["href"] for link in page.find_all("a", href=True)]
        assert hrefs.count(project.colab_url(notebook)) >= 2, "el del cuaderno y el de la cabecera"
        assert any(href.endswith(f"_sources/{notebook.relative_to(project.ROOT).as_posix()}") for href in hrefs)


def test_measured_numbers_reach_the_front_page(pages):
    front = next(page for path, page in pages.items() if path.stem == "index")
    assert re.search(r"ocupa 0\.\d\d veces", front.select_one("article").text)


def test_labels_are_in_spanish(pages):
    for path, page in pages.items():
        assert page.html["lang"] == "es"
        labels = [tag.get(key, "") for tag in page.find_all(True) for key in ("aria-label", "title", "data-bs-title")]
        text = " | ".join(labels + [page.text])
        for wrong in (
            "Navegación de palanca",
            "esfinge",
            "Lanzamiento",
            "Launch",
            "Toggle",
            "Show code",
            "Search",
            "Link to",
            "pagina ",
        ):
            assert wrong not in text, f"{path.name}: «{wrong}»"


def test_the_bibliography_is_in_spanish(pages):
    entries = next(page for path, page in pages.items() if path.stem == "bibliografia").select(".citation p")
    text = " ".join(entry.text for entry in entries)
    assert " y otros." in text and "3.ª edición" in text
    assert not re.search(r"[a-z], and [A-Z]|and others|\bIn [A-Z]| edition\b", text)


def test_search_does_not_mind_accents(site):
    language = (site / "_static" / "language_data.js").read_text(encoding="utf-8")
    assert 'normalize("NFD")' in language
    search = SearchWithoutAccents({})
    assert search.stem("cuantización") == search.stem("cuantizacion")
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    terms = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))["terms"]
    assert search.stem("cuantización") in terms
    assert not [term for term in terms if fold(term) != term and search.stem(term) not in search.stopwords]


@pytest.mark.skipif(not shutil.which("node"), reason="no hay Node: la búsqueda se prueba solo en Python")
def test_the_browser_stems_as_the_index_does(site):
    words = ["cuantización", "exactitud", "año", "representativos", "núcleo", "clases", "clase", "redes", "red", "pie"]
    program = (site / "_static" / "language_data.js").read_text(encoding="utf-8")
    program += f"\nconsole.log(JSON.stringify({json.dumps(words)}.map(w => new Stemmer().stemWord(w))));"
    done = subprocess.run(["node", "-"], input=program, capture_output=True, text=True, check=True)
    search = SearchWithoutAccents({})
    assert json.loads(done.stdout) == [search.stem(word) for word in words]


def test_pages_are_light(site, pages):
    for path in pages:
        assert book.page_bytes(site, path) <= book.MAX_PAGE_BYTES, path.name


def test_singular_and_plural_meet_in_the_search():
    search = SearchWithoutAccents({})
    for singular, plural in (("clase", "clases"), ("red", "redes"), ("imagen", "imágenes"), ("peso", "pesos")):
        assert search.stem(singular) == search.stem(plural)
