"""El proyecto final: dibuja un examen que nadie ha visto, examina un `.tflite` y explica la nota."""

from ligero.project.exam import SIDE, Exam, draw_exam, public
from ligero.project.grading import CAP, RUBRIC, Evaluation, Line
from ligero.project.submission import evaluate_submission, reference

__all__ = [
    "CAP",
    "RUBRIC",
    "SIDE",
    "Evaluation",
    "Exam",
    "Line",
    "draw_exam",
    "evaluate_submission",
    "public",
    "reference",
]
