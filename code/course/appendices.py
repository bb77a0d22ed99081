"""Los apéndices que se generan de las salidas guardadas en los cuadernos, sin más fichero que ellos."""

from collections import Counter
from functools import cache

import nbformat

from course import project
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
    for path in project.notebooks():
        origin = nbformat.read(path, as_version=4).metadata.get("ligero")
        lines += [f"## {project.page_id(path)}", ""]
        if origin is None:
            lines += ["Sin ejecutar todavía.", ""]
            continue
        lines += [
            "| Dato | Valor |",
            "|:--|:--|",
            f"| Fecha | {origin['date']} |",
            f"| Máquina | {origin['machine']} |",
            f"| Python | {origin['python']} |",
            *(f"| {package} | {version} |" for package, version in origin["versions"].items()),
            "",
        ]
    return "\n".join(lines)
