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


class _Sitting:
    """Una entrega recién cargada, con la memoria en blanco, que responde foto a foto."""

    def __init__(self, content: bytes, side: int):
        self.runner = runtime.interpreter(content)
        inputs, outputs = self.runner.get_input_details(), self.runner.get_output_details()
        if len(inputs) != 1 or len(outputs) != 1:
            raise ValueError(f"Tiene {len(inputs)} entradas y {len(outputs)} salidas.")
        self.source, self.target = inputs[0], outputs[0]
        shape, kind = self.source["shape"].tolist(), np.dtype(self.source["dtype"])
        if shape != [1, side, side, 3]:
            advice = {
                (1, 3, side, side): "Los canales van al final: ¿viene de PyTorch?",
                (1, side, side, 3): "El lote va fijo: conviértelo con lote 1.",
            }.get((1, *shape[1:]), "Mete el cambio en la red: un `Resizing`, por ejemplo.")
            raise ValueError(f"Su entrada es ({', '.join(map(str, self.source['shape_signature']))}). {advice}")
        if kind.kind != "f" and not (kind.kind in "iu" and self.source["quantization"][0]):
            raise ValueError(f"Su entrada es de tipo {kind} y sin escala: no se sabe qué foto quiere. Usa float32.")

    def ask(self, images: np.ndarray) -> np.ndarray:
        """Respuestas a unas fotos, forma `(n, 1)` o `(n, 2)`."""
        answers = []
        for photo in self.codes(images):
            self.invoke(photo)
            answers.append(self.answer())
        return np.stack(answers)

    def codes(self, images: np.ndarray) -> np.ndarray:
        return runtime.quantize(images, self.source)[:, np.newaxis]

    def invoke(self, photo: np.ndarray) -> float:
        """Milisegundos de una inferencia."""
        self.runner.set_tensor(self.source["index"], photo)
        start = time.perf_counter()
        self.runner.invoke()
        return (time.perf_counter() - start) * 1e3

    def answer(self) -> np.ndarray:
        values = self.runner.get_tensor(self.target["index"])
        if values.size not in (1, 2) or values.dtype.kind not in "fiub":
            raise ValueError(f"Da {values.size} valores por foto, de tipo {values.dtype}.")
        return runtime.dequantize(values.reshape(-1), self.target)


def _examine(folder: Path) -> dict[str, np.ndarray]:
    submission = (folder / "entrega.tflite").read_bytes()
    given = np.load(folder / "examen.npz")
    exam, public = (given[name].astype(np.float32) / 255 for name in ("exam", "public"))
    some = exam[:CHECKED]
    covered = some.copy()
    for corner in (covered[:, :4, :4], covered[:, :4, -4:], covered[:, -4:, :4], covered[:, -4:, -4:]):
        corner[:] = np.random.default_rng(0).random(corner.shape[1:], np.float32)

    def ask(images: np.ndarray) -> np.ndarray:
        return _Sitting(submission, exam.shape[1]).ask(images)

    return {
        "exam": ask(exam),
        "public": ask(public),
        "covered": ask(covered),
        # Las últimas van antes y con la memoria en blanco: a quien cuenta, o tira un dado, le sale otra cosa.
        "again": ask(exam[-CHECKED:][::-1])[::-1],
        "scaled": np.stack([ask(some * gain + shift) for gain, shift in SCALES.values()]),
    } | _timed([submission, (folder / "referencia.tflite").read_bytes()], some)


def _timed(models: list[bytes], images: np.ndarray) -> dict[str, np.ndarray]:
    """Milisegundos por inferencia, por turnos y con fotos de verdad: una red puede tardar según lo que ve."""
    sittings, repeats, rows = [_Sitting(model, images.shape[1]) for model in models], [1, 1], []
    photos, asked, answers = [sitting.codes(images) for sitting in sittings], [], []
    for turn in range(-5, _ROUNDS):
        row = [0.0, 0.0]
        for i in (0, 1) if turn % 2 else (1, 0):
            shown = [(turn + k) % len(images) for k in range(repeats[i])]
            row[i] = sum(sittings[i].invoke(photos[i][k]) for k in shown) / len(shown)
            if i == 0:  # lo que responde con el reloj en marcha tiene que ser lo que respondió en el examen
                asked.append(shown[-1])
                answers.append(sittings[i].answer())
        rows.append(row)
        if turn < 0:  # calentamiento, y cuántas inferencias entran en una muestra
            repeats = [max(1, round(_SAMPLE_MS / ms)) for ms in row]
    return {"ms": np.array(rows[5:]), "asked": np.array(asked), "timed": np.stack(answers)}


if __name__ == "__main__":
    where = Path(sys.argv[1])
    try:
        found = _examine(where)
    except Exception as error:  # de quien escribió el fichero se puede esperar cualquier cosa
        found = {"refused": np.array(str(error))}
    np.savez(where / "parte.npz", **found)
