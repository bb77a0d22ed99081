"""De lo que respondió una entrega a su nota: la rúbrica, las trampas y la explicación de cada apartado."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ligero import measure
from ligero._examiner import CHECKED, SCALES
from ligero.project.exam import Exam, public
from ligero.report import number

#: Lo que vale un 10, un 5 (el presupuesto) y un 0 en cada apartado; entre medias, en proporción.
RUBRIC = {
    "exactitud": (95.0, 85.0, 70.0),  # cota inferior del intervalo del 95 %, en %
    "tamaño": (5.0, 20.0, 40.0),  # kB de 1 000 bytes
    "latencia": (0.05, 0.2, 0.4),  # veces la de la red de referencia, en float32
}
#: Nota máxima cuando hay trampa.
CAP = 2.0
_MARGIN = 5.0  # puntos que se toleran entre fotos públicas y nuevas, o al tapar las esquinas


@dataclass(frozen=True)
class Line:
    """Un apartado de la rúbrica: su nombre, lo medido, la nota de 0 a 10 y por qué."""

    name: str
    measured: str
    score: float
    why: str


@dataclass(frozen=True)
class Evaluation:
    """La calificación de una entrega.

    Attributes:
        name: Quién la entrega.
        grade: De 0 a 10: E · (0.4 + 0.03 · (T + L)), con lo que encoger algo que no acierta no vale nada.
        lines: Un `Line` por apartado; si el fichero no se puede examinar, solo el del contrato.
        findings: Las trampas encontradas, con su prueba; con alguna, la nota es `CAP` como mucho.
        measures: Lo medido: `accuracy`, `low`, `high` y `public` en %, `bytes`, `gzip` y `ratio` en veces.
    """

    name: str
    grade: float
    lines: tuple[Line, ...]
    findings: tuple[str, ...]
    measures: Mapping[str, float]

    @property
    def within_budget(self) -> bool:
        """Si tiene cinco o más en cada apartado y no hay trampas."""
        return not self.findings and all(line.score >= 5 for line in self.lines)

    def table(self, others: Iterable["Evaluation"] = ()) -> pd.DataFrame:
        """La clasificación de esta entrega entre las demás, de mejor a peor."""
        rows = [
            {
                "entrega": e.name,
                "nota": e.grade,
                "exactitud (%)": e.measures.get("accuracy", np.nan),
                "kB": e.measures.get("bytes", np.nan) / 1000,
                "latencia (veces)": e.measures.get("ratio", np.nan),
                "cumple": e.within_budget,
                "trampa": bool(e.findings),
            }
            for e in sorted([self, *others], key=lambda e: -e.grade)
        ]
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        """Devuelve la nota y la explicación de cada apartado, sin tabla."""
        why = [f"{e.name}, {e.measured}: {e.score:.1f}. {e.why}" for e in self.lines]
        return "\n".join([f"{self.name}: un {self.grade:.1f}", *why, *(f"Trampa. {text}" for text in self.findings)])

    def _repr_markdown_(self) -> str:
        rows = "".join(f"| {e.name} | {e.measured} | {e.score:.1f} | {e.why} |\n" for e in self.lines)
        found = "".join(f"\n- **Trampa.** {text}" for text in self.findings)
        return (
            f"**{self.name}: un {self.grade:.1f}**\n\n| apartado | medido | nota | por qué |\n|:--|:--|--:|:--|\n"
            f"{rows}{found}"
        )


def grade(name: str, content: bytes, exam: Exam, report: Mapping[str, np.ndarray]) -> Evaluation:
    """Califica lo que `content` respondió en el examen.

    Args:
        name: Quién lo entrega.
        content: Los bytes del `.tflite`.
        exam: El examen que hizo.
        report: El parte de `_examiner`: respuestas `(n, 1)` o `(n, 2)` de cada prueba y tiempos `(rondas, 2)`.
    """
    # Con una sola salida, una probabilidad se corta en 0.5 y un logit en 0.
    cut = 0.5 if ((report["exam"] >= 0) & (report["exam"] <= 1)).all() else 0.0

    def classes(answers: np.ndarray) -> np.ndarray:
        chosen = answers.argmax(axis=-1) if answers.shape[-1] == 2 else (answers[..., 0] > cut).astype(int)
        return np.where(np.isfinite(answers).all(axis=-1), chosen, -1)

    told = {key: classes(answers) for key, answers in report.items() if key not in ("ms", "asked")}
    told["changed"] = told["timed"] != told["exam"][report["asked"]]
    fresh = measure.accuracy(told["exam"] == exam.labels)
    known = measure.accuracy(told["public"] == public().y_test[::2])
    size, ratio = measure.file_size(content), measure.ratio(*report["ms"].T)
    values = {"exactitud": fresh.low, "tamaño": size.raw / 1000, "latencia": ratio.value}
    e, t, fast = (score(values[key], marks) for key, marks in RUBRIC.items())
    lines = (
        Line("exactitud", str(fresh), e, _why(told, exam.labels, fresh)),
        Line("tamaño", f"{size.raw / 1000:.2f} kB", t, f"Comprimido con gzip, {size.gzip / 1000:.2f} kB."),
        Line("latencia", str(ratio), fast, "Por turnos con la red de referencia, las mismas fotos y un hilo."),
    )
    findings = _findings(told, exam.labels, fresh, known)
    total = e * (0.4 + 0.03 * (t + fast))
    measures = {"accuracy": fresh.value, "low": fresh.low, "high": fresh.high, "public": known.value}
    measures |= {"bytes": size.raw, "gzip": size.gzip, "ratio": ratio.value}
    return Evaluation(name, min(total, CAP) if findings else total, lines, findings, measures)


def score(value: float, marks: tuple[float, float, float]) -> float:
    """Nota de 0 a 10 de un valor, dados los que valen 10, 5 y 0.

    Example:
        >>> [score(kb, (10, 20, 40)) for kb in (5, 15, 30, 50)]
        [10.0, 7.5, 2.5, 0.0]
    """
    order = np.argsort(marks)
    return float(np.interp(value, np.array(marks)[order], np.array([10.0, 5.0, 0.0])[order]))


def _findings(
    told: Mapping[str, np.ndarray], labels: np.ndarray, fresh: measure.Interval, known: measure.Interval
) -> tuple[str, ...]:
    """Trampas, solo si se pueden asegurar."""
    found, few = [], told["exam"][:CHECKED]
    # Lo menos que separa a dos proporciones de muestras distintas: Newcombe (1998), método 10.
    gap = known.value - fresh.value - np.hypot(known.value - known.low, fresh.high - fresh.value)
    if gap > _MARGIN:
        found.append(
            f"Acierta el {known.value:.1f} % de las fotos públicas y el {fresh.value:.1f} % de las nuevas: como poco, "
            f"{gap:.1f} puntos de diferencia. Se sabe las respuestas, no la materia."
        )
    hidden = measure.paired_difference(told["covered"] == labels[:CHECKED], few == labels[:CHECKED])
    if hidden.high < -_MARGIN:
        found.append(f"Con las cuatro esquinas tapadas pierde {-hidden.value:.1f} puntos: no mira al animal.")
    others = {"en otro orden": told["again"] != told["exam"][-CHECKED:], "con el reloj en marcha": told["changed"]}
    for how, changed in others.items():
        if (share := 100 * changed.mean()) > 2:
            found.append(f"Al {share:.1f} % de las fotos, enseñadas {how}, les da otra respuesta.")
    return tuple(found)


def _why(told: Mapping[str, np.ndarray], labels: np.ndarray, fresh: measure.Interval) -> str:
    """Por qué acierta lo que acierta."""
    answers, scaled = told["exam"], 100 * (told["scaled"] == labels[:CHECKED]).mean(axis=1)
    shares = [100 * (answers == label).mean() for label in (0, 1)]
    if (lost := 100 * (answers < 0).mean()) > 0:
        return f"En el {lost:.1f} % de las fotos responde NaN o infinito, que es un fallo: ¿se divide por cero?"
    if scaled.max() > max(60, fresh.high + _MARGIN):
        scale = list(SCALES)[scaled.argmax()]
        return f"Con los píxeles {scale} acertaría el {scaled.max():.1f} %: mete ese cambio de escala en la red."
    if max(shares) > 97:
        return f"Responde «{('gato', 'perro')[np.argmax(shares)]}» al {max(shares):.1f} % de las fotos: no distingue."
    if fresh.high < 50 - _MARGIN:
        return "Acierta menos que una moneda: ¿están cambiadas las clases? 0 es gato y 1, perro."
    return f"Al menos el {fresh.low:.1f} %, con una confianza del 95 %, en {number(len(labels))} fotos que no existían."
