"""El autodiagnóstico manda a todas las páginas que existen, y a ninguna por su nombre si se puede ir."""

import yaml

from course import project


def test_every_page_but_the_appendices_is_linked_from_the_self_assessment():
    toc = yaml.safe_load((project.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    text = (project.ROOT / "chapters/preparar/preparacion.md").read_text(encoding="utf-8")
    pages = [page["file"].removeprefix("chapters/") for part in toc["parts"] for page in part["chapters"]]
    for page in pages:
        folder, name = page.split("/")
        if folder == "apendices" or name == "preparacion":
            continue
        target = f"{name}.html" if folder == "preparar" else f"../{folder}/{name}.html"
        assert f'<a href="{target}">' in text, f"preparacion.md nombra {name}, que ya existe, sin enlazarla"
