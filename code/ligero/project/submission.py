"""Recoger una entrega y examinarla en otro proceso, sin que un fichero dañado o malicioso cierre este."""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import psutil

from ligero import convert, models
from ligero.project.exam import SIDE, Exam, draw_exam, public
from ligero.project.grading import Evaluation, Line, grade
from ligero.report import number

_MAX_BYTES, _MAX_MEMORY = 4_000_000, 1_500_000_000
_PATIENCE = 10  # veces que el reloj puede superar al cálculo
_CONTRACT = (
    f"El contrato: una entrada (1, {SIDE}, {SIDE}, 3) y una salida con dos valores (gato, perro) o con uno (que sea "
    "perro)."
)
_IMPOSTORS = {
    b"PK": "es un zip; descomprímelo y entrega el `.tflite` que lleva dentro",
    b"\x1f\x8b": "está comprimido con gzip; descomprímelo antes",
    b"<": "es una página web; al descargarlo guardaste la página y no el fichero",
    b"\x89HDF": "es un modelo de Keras en HDF5; conviértelo",
    b"version https://git-lfs": "es un puntero de Git LFS; descarga el fichero de verdad con `git lfs pull`",
}
_CAUSES = {
    "Select TensorFlow op": "Lleva operadores de TensorFlow que LiteRT no trae: conviértelo sin `SELECT_TF_OPS`.",
    "custom op": "Lleva operadores propios que LiteRT no conoce: conviértelo sin `allow_custom_ops`.",
    "Invalid tensor size": "Su salida está vacía.",
}


@cache
def reference() -> bytes:
    """La red con la que se comparan los tiempos, `models.pets_cnn`, en float32 y sin entrenar."""
    return convert.convert(models.pets_cnn(SIDE), "float32")


def evaluate_submission(
    submission: bytes | str | Path, *, name: str = "tu entrega", exam: Exam | None = None, seconds: float = 30.0
) -> Evaluation:
    """Califica un `.tflite` en un proceso aparte, con límite de tiempo y de memoria, y explica la nota.

    El contrato: una entrada `(1, 48, 48, 3)` con la foto de 0 a 1, que si es entera se cuantiza con la escala del
    propio fichero, y una salida con dos valores (gato, perro) o con uno (que sea perro).

    Args:
        submission: Los bytes o la ruta del fichero.
        name: Cómo se la llama en la clasificación.
        exam: El examen; si no se da, `draw_exam` con esta entrega. Para una clase, el mismo para todos.
        seconds: Segundos de cálculo que puede durar.

    Returns:
        `Evaluation`. Lo que no se puede examinar tiene un 0, con el motivo y el remedio.

    Example:
        >>> evaluate_submission(b"<html>404</html>").lines[0].why[:46]
        'No es un modelo `.tflite`: es una página web; '
    """
    content, problem = _read(submission)
    if not problem:
        exam = exam or draw_exam([content])
        report = _sit(content, exam, seconds)
        problem = str(report.get("refused", ""))
    if problem:
        return Evaluation(name, 0.0, (Line("contrato", "—", 0.0, problem),), (), {})
    return grade(name, content, exam, report)


def _read(submission: object) -> tuple[bytes, str]:
    """El contenido, o por qué no se puede examinar."""
    if isinstance(submission, str | Path):
        path = Path(submission)
        try:
            if path.is_dir():
                return b"", f"«{path.name}» es una carpeta: se entrega el fichero `.tflite`, y no el `SavedModel`."
            if not path.is_file():
                return b"", f"No hay ningún fichero «{path.name}»: comprueba la ruta."
            with path.open("rb") as file:
                submission = file.read(_MAX_BYTES + 1)  # de uno enorme no se lee más
        except OSError as error:
            return (
                b"",
                f"«{path.name[:40]}» no se puede leer ({type(error).__name__}): comprueba la ruta y sus permisos.",
            )
    if not isinstance(submission, bytes | bytearray):
        what = f"Se entrega un fichero `.tflite`, o sus bytes, y esto es un {type(submission).__name__}."
        return b"", f"{what} Conviértelo antes con `convert.convert`."
    if not submission:
        return b"", "El fichero está vacío: ¿se interrumpió al guardarlo?"
    if len(submission) > _MAX_BYTES:
        return b"", f"Ocupa más de {number(_MAX_BYTES)} bytes, y el presupuesto no llega a eso ni de lejos."
    if submission[4:8] != b"TFL3":
        kinds = [text for start, text in _IMPOSTORS.items() if submission.lstrip().startswith(start)]
        return b"", f"No es un modelo `.tflite`: {(*kinds, 'le falta el identificador «TFL3»')[0]}."
    return bytes(submission), ""


def _sit(content: bytes, exam: Exam, seconds: float) -> Mapping[str, np.ndarray]:
    """El examen en un proceso hijo, que acaba siempre: por su pie, por tiempo, por memoria o de golpe."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder, "entrega.tflite").write_bytes(content)
        Path(folder, "referencia.tflite").write_bytes(reference())
        known = (255 * public().x_test[::2]).round().astype(np.uint8)
        np.savez(Path(folder, "examen.npz"), exam=exam.images, public=known)
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        child = subprocess.Popen([sys.executable, "-m", "ligero._examiner", folder], **quiet)
        refused, end = "", time.monotonic() + _PATIENCE * seconds
        try:
            while child.poll() is None and not refused:
                time.sleep(0.02)
                with contextlib.suppress(psutil.Error):
                    watched = psutil.Process(child.pid)
                    # Cuenta el cálculo y no el reloj: la nota no depende de lo ocupada que esté la máquina.
                    if sum(watched.cpu_times()[:2]) > seconds or time.monotonic() > end:
                        refused = (
                            f"No ha terminado en {seconds:g} s. Una red que cumple el presupuesto tarda uno o dos."
                        )
                    if watched.memory_info().rss > _MAX_MEMORY:
                        refused = "Pide más de 1.5 GB de memoria. ¿Hay un tensor con una dimensión de más?"
        finally:
            child.kill()
            child.wait()
        if not refused and child.returncode:
            refused = "El intérprete se cierra de golpe con él: está truncado o dañado. Conviértelo otra vez."
        if refused:
            return {"refused": refused}
        with np.load(Path(folder, "parte.npz")) as file:
            report = dict(file)
    if "refused" in report:
        said = str(report["refused"])
        reason = next((text for sign, text in _CAUSES.items() if sign in said), said)
        return {"refused": f"No se puede examinar. {reason} {_CONTRACT}"}
    return report
