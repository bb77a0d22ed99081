"""Los apéndices que se generan de las salidas guardadas en los cuadernos, sin más fichero que ellos."""

from collections import Counter
from functools import cache

import nbformat

from course import colab, project
from ligero import claims, published
from ligero.report import number

_GENERATED = "<!-- Página generada por make sync: no la edites. -->\n\n"


@cache
def proven() -> dict[str, tuple[str, dict]]:
    """Afirmaciones con ficha guardada.

    Returns:
        Identificador → (página, metadatos de la ficha: `outcome` y `measured`).
    """
    found = {}
    for path in project.notebooks():
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                card = output.get("metadata", {}).get("ligero", {})
                if "claim" in card:
                    found[card["claim"]] = (project.page_id(path), card)
    return found


def claims_page() -> str:
    """Texto de `apendices/afirmaciones.md`."""
    counts = Counter(row.kind for row in claims.load().values())
    lines = [
        _GENERATED + "# Afirmaciones",
        "",
        "Las afirmaciones sobre las técnicas que el curso comprueba: qué se dice, de dónde viene, qué se le exige y "
        "qué se midió en la última ejecución guardada. Los criterios no se tocan desde los cuadernos, y cada vez que "
        "se ejecutan las pruebas se vuelve a medir.",
        "",
        f"Recuento: comprobadas, {counts['comprobada']}; matizadas (ciertas con condiciones), {counts['matizada']}; "
        f"corregidas (lo que se suele decir no es lo que pasa), {counts['corregida']}; y aparte, informativas "
        f"(muestran cifras y no exigen nada), {counts['informativa']}.",
        "",
    ]
    for row in claims.load().values():
        page, card = proven().get(row.id, (row.page, None))
        lines += [
            f"## {row.id}: {row.statement}",
            "",
            f"**Veredicto:** {card['outcome'] if card else 'sin medir todavía'}. **Fuente:** {row.source}. "
            f"**Dónde:** [{page}](../{page}.ipynb).",
            "",
            f"**Cómo se mide:** {row.method}.",
            "",
            "| Magnitud | Medido | Se exige |",
            "|:--|--:|:--|",
        ]
        for name in row.magnitudes:
            demanded = " y ".join(str(c) for c in row.criteria if c.magnitude == name and c.sign) or "solo informa"
            value = number(card["measured"][name], 3) if card and name in card["measured"] else "sin medir"
            lines.append(f"| `{name}` | {value} | {demanded} |")
        for figure_id in row.published:
            lines += ["", f"Publicado, {published.describe(figure_id)}."]
        if row.notes:
            lines += ["", row.notes]
        lines.append("")
    return "\n".join(lines)


def environment_page() -> str:
    """Texto de `apendices/entorno.md`."""
    lines = [
        _GENERATED + "# Entorno",
        "",
        "Con qué y dónde se obtuvieron las salidas que ves en el libro. Tus tiempos serán otros; las conclusiones, "
        "si el curso está bien hecho, las mismas: las pruebas las comprueban en cada máquina donde se ejecutan.",
        "",
    ]
    # Los cuadernos ejecutados en la misma máquina con las mismas versiones comparten tabla.
    groups: dict[str, tuple[dict, list[str]]] = {}
    for path in project.notebooks():
        origin = nbformat.read(path, as_version=4).metadata.get("ligero")
        if origin is None:
            lines += [f"{project.page_id(path)}: sin ejecutar todavía.", ""]
            continue
        key = repr([origin[name] for name in ("machine", "python", "versions")])
        groups.setdefault(key, (origin, []))[1].append(f"`{project.page_id(path)}` ({origin['date']})")
    for origin, pages in groups.values():
        lines += [
            f"## {origin['machine']}, Python {origin['python']}",
            "",
            "| Paquete | Versión |",
            "|:--|:--|",
            *(f"| {package} | {version} |" for package, version in origin["versions"].items()),
            "",
            "Cuadernos, con la fecha de su última ejecución: " + ", ".join(pages) + ".",
            "",
        ]
    return "\n".join([*lines, *_colab()])


def _colab() -> list[str]:
    pinned = [line.split("==") for line in colab.REQUIREMENTS.read_text(encoding="utf-8").splitlines() if "==" in line]
    return [
        "## Colab",
        "",
        "Cada cuaderno se ejecuta también, con `make test-colab`, en un entorno limpio que imita al de Colab: Python "
        "3.13 y las versiones de la tabla, las que daba Colab en agosto de 2026. Se comprueba que la celda de "
        "preparación tarda menos de un minuto, que no cambia "
        f"{', '.join(f'`{name}`' for name in colab.UNTOUCHED[:-1])} ni `{colab.UNTOUCHED[-1]}`, y que todas las "
        "afirmaciones se cumplen. Es una imitación: en el propio Colab, cuyas versiones cambian cada pocas semanas, no "
        "se ejecuta ninguna prueba.",
        "",
        "| Paquete | Versión |",
        "|:--|:--|",
        *(f"| {package} | {version} |" for package, version in pinned),
        "",
    ]
