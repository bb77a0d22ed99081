"""Proceso hijo de `project`: pasa imágenes por un `.tflite` ajeno. Aquí no entran las soluciones: no hay qué copiar."""

import sys
import time
from pathlib import Path

import numpy as np

from ligero import runtime

#: Imágenes de las pruebas que no son el examen.
CHECKED = 200
#: Qué se prueba con los píxeles, que van de 0 a 1, por si la entrega espera otra escala: ganancia y desplazamiento.
SCALES = {"de 0 a 255": (255, 0), "de −1 a 1": (2, -1), "de −128 a 127": (255, -128)}
_ROUNDS, _SAMPLE_MS = 101, 1.0


def _examine(folder: Path) -> dict[str, np.ndarray]:
    submission = (folder / "entrega.tflite").read_bytes()
    given = np.load(folder / "examen.npz")
    exam, public = (given[name].astype(np.float32) / 255 for name in ("exam", "public"))
    some = exam[:CHECKED]
    covered = some.copy()
    for corner in (covered[:, :4, :4], covered[:, :4, -4:], covered[:, -4:, :4], covered[:, -4:, -4:]):
        corner[:] = np.random.default_rng(0).random(corner.shape[1:], np.float32)

    def ask(images: np.ndarray) -> np.ndarray:
        return runtime.predict(submission, images).reshape(len(images), -1)

    return {
        "exam": ask(exam),
        "public": ask(public),
        "covered": ask(covered),
        # Las últimas van antes y con la memoria en blanco: a quien cuenta, o tira un dado, le sale otra cosa.
        "again": ask(exam[-CHECKED:][::-1])[::-1],
        "scaled": np.stack([ask(some * gain + shift) for gain, shift in SCALES.values()]),
        "ms": _times([submission, (folder / "referencia.tflite").read_bytes()], exam),
    }


def _times(models: list[bytes], images: np.ndarray) -> np.ndarray:
    """Milisegundos por inferencia, por turnos y con fotos de verdad: una red puede tardar según lo que ve."""
    runners, repeats, rows = [runtime.interpreter(model) for model in models], [1, 1], []
    inputs = [runner.get_input_details()[0] for runner in runners]
    photos = [runtime.quantize(images[:CHECKED], detail) for detail in inputs]
    for turn in range(-5, _ROUNDS):
        row = [0.0, 0.0]
        for i in (0, 1) if turn % 2 else (1, 0):
            for k in range(repeats[i]):
                runners[i].set_tensor(inputs[i]["index"], photos[i][[(turn + k) % len(photos[i])]])
                start = time.perf_counter()
                runners[i].invoke()
                row[i] += (time.perf_counter() - start) * 1e3 / repeats[i]
        rows.append(row)
        if turn < 0:  # calentamiento, y cuántas inferencias entran en una muestra
            repeats = [max(1, round(_SAMPLE_MS / ms)) for ms in row]
    return np.array(rows[5:])


if __name__ == "__main__":
    where = Path(sys.argv[1])
    try:
        found = _examine(where)
    except Exception as error:  # de quien escribió el fichero se puede esperar cualquier cosa
        found = {"refused": np.array(str(error))}
    np.savez(where / "parte.npz", **found)
