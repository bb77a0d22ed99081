"""Las afirmaciones del curso: cada una es una fila con su criterio, y un cuaderno solo aporta lo medido.

Los umbrales viven en `resources/claims.csv`, así que un cuaderno no puede aflojarlos ni pasar un «sí».
"""

import operator
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import isfinite
from numbers import Integral, Real

from IPython.display import Markdown, display

from ligero import measure, published
from ligero.report import number

_OPERATORS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
_SIGNS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">"}
_CRITERION = re.compile(r"(?P<magnitude>[a-z_0-9]+)(?:\s*(?P<sign><=|>=|<|>)\s*(?P<limit>-?\d+(?:\.\d+)?(?:e-?\d+)?))?")

#: Tipos de afirmación. Las informativas muestran cifras y no exigen nada.
KINDS = ("comprobada", "matizada", "corregida", "informativa")
NOT_CHECKABLE = "no comprobable aquí"
_CLASSES = {"comprobada": "tip", "matizada": "tip", "corregida": "warning"}

# Lo que una fila puede exigir de la máquina: cómo se averigua y qué se dice cuando falta.
# Lo que hay que medir a la vez que lo demás se exige con un criterio, como `escalado_cpu >= 1.5`.
_CONDITIONS = {"escalado_cpu": "no había un núcleo libre mientras se medía"}
_REQUIREMENTS: dict[str, tuple[Callable[[], object], str]] = {
    "int8_dot_product": (
        measure.int8_dot_product,
        "no se reconoce en esta CPU ninguna instrucción que multiplique vectores de enteros de 8 bits "
        "(VNNI en x86, dotprod en ARM)",
    ),
    "c_compiler": (
        lambda: sys.platform in ("linux", "darwin") and (shutil.which("cc") or shutil.which("gcc")),
        "no hay compilador de C",
    ),
}


class ClaimError(AssertionError):
    """Una afirmación del curso no se cumple con lo que se acaba de medir."""


@dataclass(frozen=True)
class Criterion:
    """Una condición sobre una magnitud; sin `sign` ni `limit`, la magnitud solo se muestra."""

    magnitude: str
    sign: str | None
    limit: float | None

    def holds(self, value: float) -> bool:
        """Dice si el valor cumple la condición."""
        return self.sign is None or _OPERATORS[self.sign](value, self.limit)

    def __str__(self) -> str:
        """Devuelve, por ejemplo, `≤ 0.4`; vacío si no exige nada."""
        return "" if self.sign is None else f"{_SIGNS[self.sign]} {self.limit:g}"


@dataclass(frozen=True)
class Claim:
    """Una fila de `claims.csv`: la afirmación, su fuente, cómo se mide y qué se le exige.

    `requirement` es lo que se exige de la máquina para poder comprobarla: el nombre de algo que tiene o no tiene, un
    criterio sobre lo que se midió de ella en ese momento, o nada.
    """

    id: str
    page: str
    kind: str
    statement: str
    source: str
    method: str
    criteria: tuple[Criterion, ...]
    requirement: str | Criterion
    published: tuple[str, ...]
    notes: str

    @property
    def magnitudes(self) -> tuple[str, ...]:
        """Las magnitudes que hay que medir, en el orden de la fila y sin repetir."""
        condition = (self.requirement,) if isinstance(self.requirement, Criterion) else ()
        return tuple(dict.fromkeys(criterion.magnitude for criterion in (*self.criteria, *condition)))


def parse_criteria(text: str) -> tuple[Criterion, ...]:
    """Lee los criterios de una fila, separados por `;`; si alguno no se entiende, es un `ValueError`.

    Example:
        >>> [str(criterion) for criterion in parse_criteria("razon <= 0.40; puntos > -1; solo_mostrar")]
        ['≤ 0.4', '> -1', '']
    """
    criteria = []
    for part in text.split(";"):
        match = _CRITERION.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"No entiendo el criterio «{part.strip()}»: escribe, por ejemplo, «razon_tamano <= 0.40».")
        limit = match["limit"]
        criteria.append(Criterion(match["magnitude"], match["sign"], None if limit is None else float(limit)))
    return tuple(criteria)


@cache
def load() -> dict[str, Claim]:
    """Lee todas las afirmaciones: identificador → `Claim`, en el orden del fichero.

    Raises:
        ValueError: Si una fila repite identificador, o su tipo, sus criterios o su requisito no se entienden.

    Example:
        >>> load()["A-10"].magnitudes
        ('razon_tamano',)
    """
    claims: dict[str, Claim] = {}
    for row in published.rows("claims.csv"):
        if row["id"] in claims:
            raise ValueError(f"claims.csv repite la fila {row['id']}.")
        if row["tipo"] not in KINDS:
            raise ValueError(f"{row['id']}: el tipo «{row['tipo']}» no es ninguno de {', '.join(KINDS)}.")
        criteria = parse_criteria(row["criterios"])
        if row["tipo"] != "informativa" and any(criterion.sign is None for criterion in criteria):
            raise ValueError(f"{row['id']}: una afirmación {row['tipo']} debe exigir algo de cada magnitud.")
        claims[row["id"]] = Claim(
            id=row["id"],
            page=row["pagina"],
            kind=row["tipo"],
            statement=row["afirmacion"],
            source=row["fuente"],
            method=row["como_se_mide"],
            criteria=criteria,
            requirement=_requirement(row),
            published=tuple(row["publicadas"].split()),
            notes=row["notas"],
        )
    return claims


def claim(claim_id: str, **measured: float) -> None:
    """Comprueba una afirmación con lo medido y muestra la ficha; si no se cumple, falla.

    Args:
        claim_id: Identificador de la fila, como `"A-10"`.
        **measured: Un número por cada magnitud de la fila, ni más ni menos.

    Raises:
        KeyError: Si el identificador no existe.
        TypeError: Si una magnitud no es un número (un `bool` tampoco lo es).
        ValueError: Si falta o sobra una magnitud, o es NaN o infinita.
        ClaimError: Si lo medido no cumple el criterio.
    """
    if claim_id not in load():
        raise KeyError(f"No hay ninguna afirmación «{claim_id}» en claims.csv. Las que hay: {', '.join(load())}.")
    row = load()[claim_id]
    values = _measured(row, measured)
    reason = _obstacle(row, values)
    outcome = NOT_CHECKABLE if reason else row.kind
    for criterion in () if reason else row.criteria:
        if not criterion.holds(values[criterion.magnitude]):
            raise ClaimError(
                f"{claim_id} no se cumple: «{row.statement}». "
                f"{criterion.magnitude} = {values[criterion.magnitude]:.4g} y se exige {criterion}."
            )
    display(
        Markdown(_card(row, values, outcome, reason)),
        metadata={"ligero": {"claim": claim_id, "outcome": outcome, "measured": values}},
    )


def _measured(row: Claim, measured: dict[str, float]) -> dict[str, float]:
    missing = [name for name in row.magnitudes if name not in measured]
    extra = [name for name in measured if name not in row.magnitudes]
    if missing or extra:
        raise ValueError(
            f"{row.id} pide exactamente {', '.join(row.magnitudes)}."
            + (f" Falta {', '.join(missing)}." if missing else "")
            + (f" Sobra {', '.join(extra)}." if extra else "")
        )
    values: dict[str, float] = {}
    for name in row.magnitudes:
        value = measured[name]
        # Un bool es un int para Python y un np.bool_ tiene dtype: ninguno de los dos es una medida.
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{row.id}: `{name}` debe ser el número medido; has pasado un {type(value).__name__}.")
        if not isfinite(value):
            raise ValueError(f"{row.id}: `{name}` es {value}; revisa la medida de la que sale.")
        values[name] = int(value) if isinstance(value, Integral) else float(value)
    return values


def _requirement(row: dict[str, str]) -> str | Criterion:
    text = row["requiere"]
    if not text or text in _REQUIREMENTS:
        return text
    match = _CRITERION.fullmatch(text)
    if match is None or match["sign"] is None or match["magnitude"] not in _CONDITIONS:
        raise ValueError(f"{row['id']}: no sé comprobar el requisito «{text}».")
    return parse_criteria(text)[0]


def _obstacle(row: Claim, values: dict[str, float]) -> str:
    """Por qué la afirmación no se puede comprobar en esta máquina; vacío si se puede."""
    if isinstance(row.requirement, Criterion):
        condition = row.requirement
        if condition.holds(values[condition.magnitude]):
            return ""
        return f"{_CONDITIONS[condition.magnitude]} (`{condition.magnitude}` se exige {condition})"
    if row.requirement:
        available, why_not = _REQUIREMENTS[row.requirement]
        return "" if available() else why_not
    return ""


def _card(row: Claim, values: dict[str, float], outcome: str, reason: str) -> str:
    lead = "Se suele decir: " if row.kind == "corregida" else ""
    # El motivo va en el título, que nbval no compara: en otra máquina la misma ficha puede no ser comprobable.
    title = f"{row.id} · {outcome}: {reason}" if reason else f"{row.id} · {outcome}"
    lines = [
        f'<div class="admonition {_CLASSES.get(outcome, "note")}">',
        f'<p class="admonition-title"><strong>{title}</strong></p>',
        "",
        f"{lead}**{row.statement}.** Se mide así: {row.method}. Fuente: {row.source}.",
        "",
        "| magnitud | medido | se exige |",
        "|:--|--:|:--|",
    ]
    for name, value in values.items():
        demanded = " y ".join(str(c) for c in row.criteria if c.magnitude == name and c.sign)
        if isinstance(row.requirement, Criterion) and row.requirement.magnitude == name:
            demanded = f"{row.requirement} para poder comprobarla"
        shown = f"{value:.1e}" if 0 < abs(value) < 0.001 else number(value, 3)
        lines.append(f"| `{name}` | {shown} | {demanded or 'nada: solo informa'} |")
    for figure_id in row.published:
        lines += ["", f"Publicado, {published.describe(figure_id)}."]
    if row.notes:
        lines += ["", row.notes]
    return "\n".join([*lines, "", "</div>"])
