"""Cada página, abierta por un navegador de verdad: sin errores, accesible, en claro, en oscuro y en un teléfono."""

import functools
import http.server
import math
import re
import threading

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

from course import project

PAGES = pytest.mark.parametrize("path", project.pages(), ids=lambda path: path.stem)
SHOTS = project.ROOT / "_build" / "capturas"
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 360, "height": 740}
THEMES = {"claro": "light", "oscuro": "dark"}


@pytest.fixture(scope="session")
def address(site):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(browser, address):
    """Abre una página con un tema y un tamaño, y apunta todo lo que el navegador lamenta."""
    contexts = []

    def open_page(path, theme="claro", viewport=DESKTOP):
        context = browser.new_context(viewport=viewport, locale="es-ES", reduced_motion="reduce")
        contexts.append(context)
        context.add_init_script(f"localStorage.mode = localStorage.theme = '{THEMES[theme]}'")
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda m: m.type == "error" and page.complaints.append(m.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("requestfailed", lambda r: page.complaints.append(f"no se ha podido cargar {r.url}"))
        page.on("response", lambda r: r.status >= 400 and page.complaints.append(f"{r.status} {r.url}"))
        page.on("request", lambda r: r.url.startswith((address, "data:")) or page.complaints.append(f"pide {r.url}"))
        page.goto(f"{address}/{path.relative_to(project.ROOT).with_suffix('.html').as_posix()}")
        page.wait_for_load_state("networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()


@PAGES
@pytest.mark.parametrize("theme", THEMES)
def test_it_opens_clean_and_is_accessible(visit, path, theme):
    page = visit(path, theme)
    assert page.locator("html").get_attribute("data-theme") == THEMES[theme]
    shoot(page, f"{path.stem}-{theme}")
    assert not page.complaints
    found = Axe().run(page).response["violations"]
    serious = [
        f"{rule['id']}: {node['target'][0]} {node['failureSummary'].splitlines()[-1].strip()}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert not serious, "\n".join(serious[:20])


@PAGES
def test_a_phone_does_not_scroll_sideways(visit, path):
    page = visit(path, viewport=PHONE)
    shoot(page, f"{path.stem}-movil")
    wide = page.evaluate("""() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return [];
        return [...document.querySelectorAll("article *")]
            .filter(e => e.getBoundingClientRect().right > width + 1)
            .slice(0, 5).map(e => e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 40));
    }""")
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], wide
    assert not page.complaints


@PAGES
def test_disclosures_open_with_the_mouse_and_with_the_keyboard(visit, path):
    page = visit(path)
    details = page.locator("article details:not(.toggle-details)")
    if path.suffix == ".ipynb":
        assert page.locator("article summary", has_text=re.compile("^Solución$")).count() >= 3
    for i in {0, details.count() - 1} if details.count() else ():
        box, summary = details.nth(i), details.nth(i).locator("summary").first
        assert not box.evaluate("box => box.open")
        summary.click()
        assert box.evaluate("box => box.open") and box.locator(":scope > :not(summary)").first.is_visible()
        summary.press("Enter")
        assert not box.evaluate("box => box.open")
        summary.press("Space")
        assert box.evaluate("box => box.open")
    assert not page.complaints


@pytest.mark.parametrize("path", project.notebooks(), ids=lambda path: path.stem)
def test_buttons_lead_to_this_notebook(visit, path, address):
    page = visit(path)
    assert page.locator(f"article a[href='{project.colab_url(path)}'] img").is_visible()
    launch = page.locator("a.dropdown-item", has_text="Colab")
    page.get_by_role("button", name="Ejecutar el cuaderno").click()
    assert launch.is_visible() and launch.get_attribute("href") == project.colab_url(path)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Descargar esta página").click()
    download = page.locator("a.btn-download-source-button[href$='.ipynb']")
    assert download.is_visible()
    url = download.evaluate("link => link.href")
    served = nbformat.reads(page.request.get(url).text(), as_version=4)
    assert served.cells[0].source == nbformat.read(path, as_version=4).cells[0].source


@PAGES
def test_anchors_of_the_page_lead_somewhere(visit, path):
    page = visit(path)
    lost = page.evaluate("""() => [...document.querySelectorAll("a[href^='#']")]
        .map(link => decodeURIComponent(link.hash.slice(1)))
        .filter(id => id && !document.getElementById(id))""")
    assert not lost


def test_a_reader_finds_a_page_without_writing_the_accents(visit, address):
    page = visit(project.pages()[0])
    page.goto(f"{address}/search.html?q=cuantizacion")
    page.locator("#search-results li a").first.wait_for(timeout=15_000)
    assert page.locator("#search-results li a", has_text="uantización").count()


def shoot(page, name):
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


SLIDER = next(path for path in project.notebooks() if path.stem == "cuantizacion-desde-cero")


@pytest.mark.parametrize("theme", THEMES)
def test_the_bits_slider_works_with_the_keyboard(visit, theme):
    page = visit(SLIDER, theme)
    slider = page.get_by_role("slider", name="Bits por peso")
    shown = page.locator(".bits-slider .shown")
    assert slider.count() == 1 and slider.get_attribute("aria-valuetext") == "4 bits"
    for key, bits in (("ArrowRight", 5), ("Home", 2), ("End", 8), ("ArrowLeft", 7)):
        slider.press(key)
        assert shown.locator("figure").count() == 1
        assert shown.locator("figcaption").inner_text().startswith(f"{bits} bits:")
        assert slider.get_attribute("aria-valuetext") == f"{bits} bits"
        assert shown.locator("img").evaluate("image => image.complete && image.naturalWidth > 0")
    assert not page.complaints


def test_without_scripts_the_slider_leaves_every_frame_in_reach(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{SLIDER.relative_to(project.ROOT).with_suffix('.html').as_posix()}")
    assert page.locator(".bits-slider input").count() == 0
    assert page.locator(".bits-slider .shown figcaption").inner_text().startswith("4 bits:")
    page.locator(".bits-slider summary").click()
    assert page.locator(".bits-slider details figure").count() == 7
    assert page.locator(".bits-slider details img").last.is_visible()
    context.close()


FRONT = next(path for path in project.notebooks() if path.stem == "todas-las-tecnicas")
HOME = project.pages()[0]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("path", "figures"), [(FRONT, 2), (HOME, 1)], ids=["cuaderno", "portada"])
def test_the_front_is_explored_with_the_keyboard(visit, path, figures, theme):
    page = visit(path, theme)
    assert page.locator(".pareto").count() == figures
    box = page.locator(".pareto").first
    points, reading = box.locator(".punto"), box.locator(".lectura")
    assert points.count() >= 12
    points.first.focus()
    assert reading.inner_text().startswith(points.first.get_attribute("aria-label"))
    page.keyboard.press("ArrowRight")
    assert reading.inner_text().startswith(points.nth(1).get_attribute("aria-label"))
    assert points.nth(1).evaluate("point => point === document.activeElement && point.tabIndex === 0")
    assert "frente" in reading.inner_text()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert reading.inner_text().startswith(points.last.get_attribute("aria-label")), "al llegar al borde, da la vuelta"
    assert not page.complaints


def test_changing_an_axis_moves_this_figure_and_not_the_other(visit):
    page = visit(FRONT)

    def places(i):
        return page.locator(".pareto").nth(i).locator(".punto").evaluate_all("e => e.map(p => p.outerHTML)")

    first, second = places(0), places(1)
    horizontal = page.locator(".pareto").first.get_by_label("Horizontal:")
    options = horizontal.locator("option").all_inner_texts()
    assert len(options) >= 4 and len(set(options)) == len(options)
    for option in options[1:]:
        horizontal.select_option(option)
        assert page.locator(".pareto").first.locator("[data-key='x']").text_content() == f"{option} →"
        assert places(0) != first and places(1) == second
    horizontal.focus()
    page.keyboard.press("Home")
    assert places(0) == first
    assert not page.complaints


def test_the_mouse_reaches_every_point_and_every_label(visit):
    page = visit(FRONT)
    box = page.locator(".pareto").first
    box.scroll_into_view_if_needed()
    points, labels, reading = box.locator(".punto"), box.locator(".rotulo"), box.locator(".lectura")
    places = points.evaluate_all("e => e.map(p => p.getScreenCTM()).map(m => [m.e, m.f])")
    for i, (x, y) in enumerate(places):
        page.mouse.click(x, y)
        shown = next(
            j for j in range(len(places)) if reading.inner_text().startswith(f"{labels.nth(j).text_content()}:")
        )
        assert math.dist(places[i], places[shown]) < 2, "dos variantes casi pueden coincidir, pero no más"
        labels.nth(i).click()
        assert reading.inner_text().startswith(points.nth(i).get_attribute("aria-label"))
    assert not page.complaints


def test_without_scripts_the_front_is_whole(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{FRONT.relative_to(project.ROOT).with_suffix('.html').as_posix()}")
    box = page.locator(".pareto").first
    assert box.locator("select").count() == 0
    labels = box.locator(".rotulo text")
    assert labels.count() == box.locator(".punto").count() >= 12
    assert labels.first.is_visible() and box.locator(".frente").is_visible()
    context.close()
