"""Fotos de gatos y perros con el reparto de Kaggle: las que dibuja el curso o las de cualquier carpeta."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, UnidentifiedImageError

from ligero import _validate
from ligero.data import _drawing

#: Las clases, en el orden de sus etiquetas.
SPECIES = ("cat", "dog")
_NAME = re.compile(r"(cat|dog)[._-]?\d+\.jpe?g", re.I)
_JPEG_START, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
# Algunas cámaras escriben datos propios detrás del final de la imagen.
_TAIL_BYTES = 4096
_ORIENTATION = 0x0112
# Al cambiar el dibujo cambia el número, y los dibujos guardados de antes no se usan.
_DRAWING_VERSION = 1


@dataclass(frozen=True)
class Pets:
    """Un conjunto de fotos de gatos y perros.

    Attributes:
        paths: Rutas de los JPEG que se pueden leer, en un orden que no cambia.
        labels: Etiquetas `int64`, forma `(n,)`: 0, gato; 1, perro.
        rejected: Lo que se ha dejado fuera: columnas `fichero` y `motivo`.
        notices: Lo que se usa, pero conviene saber: las mismas columnas.
    """

    paths: tuple[Path, ...]
    labels: np.ndarray
    rejected: pd.DataFrame
    notices: pd.DataFrame


def pets(folder: str | Path | None = None, *, images: int = 1200, seed: int = 0) -> Pets:
    """Gatos y perros: los que dibuja el curso, o los de una carpeta con el reparto de Kaggle.

    Los dibujos se hacen una vez y se guardan en la carpeta temporal del sistema; la semilla fija todos los píxeles.

    Args:
        folder: Carpeta con `train/cat.0.jpg`, `train/dog.0.jpg`…, o con esos ficheros directamente, o con una
            subcarpeta `Cat` y otra `Dog`. Sin ella, dibuja.
        images: Cuántas dibujar, 2 o más, mitad de cada clase; con una carpeta no se usa.
        seed: Semilla de los dibujos; con una carpeta no se usa.

    Returns:
        `Pets`. Un fichero dañado no detiene nada: queda en `rejected`, con su motivo.

    Raises:
        TypeError: Si `images` o `seed` no son enteros.
        ValueError: Si en la carpeta falta alguna de las dos clases, o `images` es menor que 2.
        FileNotFoundError: Si la carpeta no existe.

    Example:
        >>> found = pets(images=4)
        >>> [path.name for path in found.paths], found.labels.tolist(), len(found.rejected)
        (['cat.0.jpg', 'cat.1.jpg', 'dog.0.jpg', 'dog.1.jpg'], [0, 0, 1, 1], 0)
    """
    if folder is None:
        if _validate.positive_int(images, "images") < 2:
            raise ValueError("`images` debe ser 2 o más: al menos un gato y un perro.")
        folder = _drawn(images, _validate.seed(seed))
    root = Path(folder)
    if not root.is_dir():
        raise FileNotFoundError(f"`folder`: no hay ninguna carpeta «{root}». Comprueba la ruta.")
    paths, labels, rejected, notices = [], [], [], []
    for path, label in _candidates(root):
        reason, notice = _inspect(path)
        if reason:
            rejected.append((path.name, reason))
            continue
        if notice:
            notices.append((path.name, notice))
        paths.append(path)
        labels.append(label)
    for label, name in enumerate(("gato", "perro")):
        if label not in labels:
            raise ValueError(
                f"En «{root}» no hay ninguna foto de {name} que se pueda leer ({len(rejected)} dañadas). Se esperan "
                f"`train/{SPECIES[label]}.0.jpg`… o una subcarpeta `{SPECIES[label].capitalize()}` con sus .jpg."
            )
    columns = ["fichero", "motivo"]
    return Pets(
        tuple(paths),
        np.array(labels, np.int64),
        pd.DataFrame(rejected, columns=columns),
        pd.DataFrame(notices, columns=columns),
    )


def _candidates(root: Path) -> Iterator[tuple[Path, int]]:
    """Ficheros con su etiqueta, por clase y por número; los que no nombran una clase se ignoran."""
    base = root / "train" if (root / "train").is_dir() else root
    found = [(path, _NAME.fullmatch(path.name)[1].lower()) for path in base.iterdir() if _NAME.fullmatch(path.name)]
    for species in SPECIES:
        for subfolder in (base / species, base / species.capitalize()):
            if subfolder.is_dir():
                found += [(path, species) for path in subfolder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg")]
                break  # donde no se distinguen mayúsculas, las dos son la misma

    def order(item: tuple[Path, str]) -> tuple:
        digits = re.findall(r"\d+", item[0].name)
        return item[1], int(digits[-1]) if digits else 0, item[0].name

    for path, species in sorted(found, key=order):
        yield path, SPECIES.index(species)


def _inspect(path: Path) -> tuple[str, str]:
    """Por qué no se puede usar un fichero, o qué conviene saber de él; vacío si nada. No decodifica: tarda poco."""
    size = path.stat().st_size
    if size == 0:
        return "está vacío", ""
    with path.open("rb") as file:
        start = file.read(16)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    try:
        with Image.open(path) as image:
            kind, mode, orientation = image.format, image.mode, image.getexif().get(_ORIENTATION, 1)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        kind = None
    if not start.startswith(_JPEG_START):
        return (f"es un {kind} con nombre de JPEG" if kind else "no es una imagen"), ""
    if kind is None:
        return "la cabecera está dañada", ""
    if _JPEG_END not in tail:
        return "está cortado: le falta el final", ""
    if mode not in ("RGB", "L"):
        return f"está en {mode}: sus colores se leerían mal", ""
    if orientation not in (0, 1):
        return "", "la cámara pide girarlo (EXIF) y `decode_jpeg` no lo hace"
    return "", "está en grises" if mode == "L" else ""


def _drawn(images: int, seed: int) -> Path:
    """Carpeta con los dibujos; aparece entera o no aparece, aunque se interrumpa o dibujen dos procesos a la vez."""
    base = Path(tempfile.gettempdir())
    target = base / f"ligero-pets-{_DRAWING_VERSION}-{images}-{seed}"
    if target.is_dir():
        return target
    draft = Path(tempfile.mkdtemp(prefix="ligero-pets-", dir=base))
    try:
        (draft / "train").mkdir()

        def photo(i: int) -> None:
            species, number = i % 2, i // 2
            image, quality = _drawing.draw(species, seed, number)
            image.save(draft / "train" / f"{SPECIES[species]}.{number}.jpg", quality=quality)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(photo, range(images)))
        try:
            draft.rename(target)
        except OSError:
            if not target.is_dir():  # si no, otro proceso ha terminado antes con los mismos dibujos
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target
