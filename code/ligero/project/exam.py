"""Las fotos del proyecto final: las que se dan a todo el mundo y las que no existen hasta que se entrega."""

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from ligero import _validate
from ligero.data import Split, _drawing, pets

#: Lado de las fotos, en píxeles.
SIDE = 48


@dataclass(frozen=True)
class Exam:
    """Un examen.

    Attributes:
        seed: Semilla con que se vuelve a dibujar.
        images: Fotos `uint8` de forma `(n, SIDE, SIDE, 3)`.
        labels: Etiquetas `int64`, forma `(n,)`: 0, gato; 1, perro; tantos como perros, barajados.
    """

    seed: int
    images: np.ndarray
    labels: np.ndarray


@cache
def public() -> Split:
    """Las fotos que se dan a todo el mundo: 1 200 para entrenar y 600 para probar.

    Returns:
        `Split` con imágenes `float32` en [0, 1] de forma `(n, SIDE, SIDE, 3)`, primero los gatos.

    Example:
        >>> public().x_test.shape
        (600, 48, 48, 3)
    """
    train, test = pets(images=1200), pets(images=600, seed=1)
    x_train, x_test = (_parallel(_shrink, part.paths) / np.float32(255) for part in (train, test))
    return Split(x_train, train.labels, x_test, test.labels)


def draw_exam(submissions: Sequence[bytes], *, salt: str = "", images: int = 1000) -> Exam:
    """Dibuja un examen cuya semilla sale de las propias entregas: antes de entregar no existe.

    Args:
        submissions: El contenido de todas las entregas que lo van a hacer; el orden no importa.
        salt: Palabra que solo sabe quien califica. Sin ella, en casa se puede probar hasta tener suerte.
        images: Fotos, 100 o más.

    Returns:
        `Exam`. Las mismas entregas y la misma `salt` dan el mismo examen: una nota se puede revisar.

    Raises:
        TypeError: Si una entrega no son bytes o `images` no es un entero.
        ValueError: Si no hay entregas o se piden menos de 100 fotos.

    Example:
        >>> exam = draw_exam([b"una entrega", b"otra"], images=100)
        >>> exam.images.shape, int(exam.labels.sum())
        ((100, 48, 48, 3), 50)
    """
    if not submissions or isinstance(submissions, bytes):
        raise ValueError("`submissions` debe ser una lista con una entrega o más: la semilla sale de ellas.")
    if not all(isinstance(content, bytes) for content in submissions):
        raise TypeError("`submissions` debe tener el contenido de cada entrega, en bytes: `ruta.read_bytes()`.")
    if _validate.positive_int(images, "images") < 100:
        raise ValueError("`images` debe ser 100 o más: con menos, la nota es cuestión de suerte.")
    digests = sorted(hashlib.sha256(content).hexdigest() for content in submissions)
    seed = int(hashlib.sha256(" ".join([salt, *digests]).encode()).hexdigest(), 16)

    def photo(i: int) -> np.ndarray:
        image, quality = _drawing.draw(i % 2, seed, i // 2)
        image.save(file := io.BytesIO(), "JPEG", quality=quality)  # pasa por la misma cámara que las públicas
        return _shrink(file)

    order = np.random.default_rng(seed).permutation(images)
    return Exam(seed, _parallel(photo, order.tolist()), order % 2)


def _parallel(work: Callable[..., np.ndarray], items: Iterable) -> np.ndarray:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(work, items)))


def _shrink(file: str | Path | io.BytesIO) -> np.ndarray:
    with Image.open(file) as image:
        image.draft("RGB", (2 * SIDE, 2 * SIDE))  # el JPEG se decodifica ya reducido, y se tarda la mitad
        return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR))
