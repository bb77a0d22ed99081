"""Tuberías de imágenes con `tf.data`, la ingenua y la optimizada, y un trazador que apunta qué ocurre y cuándo.

Las dos entregan los mismos lotes, bit a bit y en el mismo orden: lo único que cambia es cómo los preparan. Para eso,
cada imagen lleva un entero al azar y la aumentación saca de sus cifras todas las decisiones.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from ligero import _validate
from ligero._tensorflow import keras, tf

#: Las piezas de la tubería optimizada que se pueden quitar de una en una con `without`.
PIECES = ("paralelismo", "caché", "lotes", "adelanto")
# Un entero al azar de `tf.data` tiene 32 bits: da para seis decisiones con 32 valores cada una.
_DRAWS, _LEVELS = 6, 32


def decode(content: "tf.Tensor", size: int = 48) -> "tf.Tensor":
    """Los bytes de un JPEG, como imagen `uint8` de forma `(size, size, 3)`: la cuarta parte que en `float32`."""
    image = tf.image.resize(tf.io.decode_jpeg(content, channels=3), (size, size))
    return tf.cast(tf.round(image), tf.uint8)


def augment(images: "tf.Tensor", numbers: "tf.Tensor") -> "tf.Tensor":
    """Aumenta un lote: espejo, recorte con acercamiento, brillo y contraste, distintos para cada imagen.

    Args:
        images: Lote `uint8` de forma `(n, alto, ancho, 3)`; el resultado es `float32` en [0, 1].
        numbers: Un entero al azar por imagen, `int64` de forma `(n,)`. Con el mismo número sale lo mismo.
    """
    digits = numbers[:, tf.newaxis] // [_LEVELS**i for i in range(_DRAWS)] % _LEVELS
    flip, zoom, top, left, brightness, contrast = tf.unstack(tf.cast(digits, tf.float32) / _LEVELS, axis=1)
    side = 1 - 0.2 * zoom
    top, left = top * (1 - side), left * (1 - side)
    boxes = tf.stack([top, left, top + side, left + side], axis=1)
    boxes = tf.where(flip[:, tf.newaxis] < 0.5, boxes, tf.gather(boxes, [0, 3, 2, 1], axis=1))  # al revés: espejo
    shape = tf.shape(images)
    result = tf.image.crop_and_resize(images, boxes, tf.range(shape[0]), shape[1:3]) / 255
    result = (result - 0.5) * (0.8 + 0.4 * contrast)[:, tf.newaxis, tf.newaxis, tf.newaxis]
    result += (0.5 + 0.2 * (brightness - 0.5))[:, tf.newaxis, tf.newaxis, tf.newaxis]
    return tf.ensure_shape(tf.clip_by_value(result, 0, 1), images.shape)


def naive(paths: Sequence[str | Path], labels: np.ndarray, **options) -> "tf.data.Dataset":
    """La tubería que sale sin pensar: leer, decodificar y aumentar de una en una, y después agrupar.

    Es `optimized` sin ninguna de sus piezas, y admite sus opciones y da sus errores. Por defecto `tf.data` no puede
    reescribirla: la base de una comparación no debe llevar ya dentro lo que se compara.
    """
    return optimized(paths, labels, without=PIECES, **options)


def optimized(
    paths: Sequence[str | Path],
    labels: np.ndarray,
    *,
    size: int = 48,
    batch: int = 32,
    seed: int = 0,
    without: Sequence[str] = (),
    rewrites: bool = False,
    tracer: "Tracer | None" = None,
) -> "tf.data.Dataset":
    """La tubería con paralelismo, caché de lo decodificado, aumentación por lotes y adelanto (`prefetch`).

    Da los lotes de `naive`: `float32` `(n, size, size, 3)` en [0, 1] y etiquetas `int64` `(n,)`.

    Args:
        paths: Rutas de los JPEG.
        labels: Etiquetas enteras, forma `(n,)`.
        size: Lado de las imágenes en píxeles.
        batch: Imágenes por lote.
        seed: Semilla del orden y de la aumentación; fija también la global, como las de `models`.
        without: Piezas que se quitan, entre las de `PIECES`: así se mide lo que aporta cada una.
        rewrites: Deja que `tf.data` reponga por su cuenta las piezas quitadas.
        tracer: Apunta cuándo ocurre cada etapa; `None` no apunta nada.

    Raises:
        TypeError: Si las rutas no son rutas, las etiquetas no son números o algún tamaño no es entero.
        ValueError: Si no hay rutas, no van por parejas con las etiquetas o `without` nombra una pieza desconocida.
        FileNotFoundError: Si alguna ruta no existe.
    """
    if unknown := set(without) - set(PIECES):
        raise ValueError(f"`without` nombra {', '.join(sorted(unknown))}; las piezas son {', '.join(PIECES)}.")
    dataset, n = _files(paths, labels, seed), len(paths)
    size, batch = _validate.positive_int(size, "size"), _validate.positive_int(batch, "batch")
    stage = tracer.stage if tracer else lambda name, function: function
    calls = None if "paralelismo" in without else tf.data.AUTOTUNE
    if "caché" in without:  # sin caché se mezclan las rutas, que ocupan menos que las imágenes
        dataset = _shuffled(dataset, n, seed)
    dataset = dataset.map(stage("leer", _first(tf.io.read_file)), calls)
    dataset = dataset.map(stage("decodificar", _first(lambda content: decode(content, size))), calls)
    if "caché" not in without:
        dataset = _shuffled(dataset.cache(), n, seed)
    if "lotes" in without:
        dataset = dataset.map(stage("aumentar", _augment_one), calls).batch(batch)
    else:
        dataset = dataset.batch(batch).map(stage("aumentar", _augment_batch), calls)
    if "adelanto" not in without:
        dataset = dataset.prefetch(tf.data.AUTOTUNE)
    return dataset if rewrites or not without else without_rewrites(dataset, autotune=set(without) != set(PIECES))


def without_rewrites(dataset: "tf.data.Dataset", *, autotune: bool = False) -> "tf.data.Dataset":
    """Prohíbe a `tf.data` que cambie la tubería: ni adelanto, ni paralelismo, ni etapas fundidas que nadie pidió.

    Con `autotune`, aún puede ajustar los valores que sí se le piden con `tf.data.AUTOTUNE`.
    """
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    options.experimental_optimization.inject_prefetch = False
    options.experimental_optimization.map_parallelization = False
    options.experimental_optimization.map_and_batch_fusion = False
    options.autotune.enabled = autotune
    return dataset.with_options(options)


class Tracer:
    """Apunta el principio y el fin de cada etapa, en el hilo en que ocurre y sin pasar por Python.

    Las marcas son operaciones del propio grafo (`tf.timestamp`), y se guardan en una cola de TensorFlow. Con una
    función de Python los hilos esperarían unos por otros al apuntar, y la figura enseñaría esa espera.

    Example:
        >>> tracer = Tracer()
        >>> work = tracer.stage("doblar", lambda x: 2 * x)
        >>> [int(x) for x in tf.data.Dataset.range(3).map(work)], len(tracer.spans())
        ([0, 2, 4], 3)
    """

    def __init__(self):  # noqa: D107
        self._codes: dict[str, int] = {}
        self._queue = tf.queue.FIFOQueue(10**7, [tf.int32, tf.float64, tf.float64], shapes=[(), (), ()])
        self._rows: list[tuple[str, float, float]] = []

    def stage(self, name: str, function: Callable) -> Callable:
        """Envuelve una función de `map`, que da lo mismo, para que apunte cuándo empieza y acaba la etapa `name`."""
        code = self._codes.setdefault(name, len(self._codes))

        def traced(*inputs):
            # Las dependencias son lo que hace verdaderas las marcas: sin ellas el grafo puede adelantarlas.
            start = tf.timestamp()
            with tf.control_dependencies([start]):
                outputs = function(*tf.nest.map_structure(tf.identity, inputs))
            with tf.control_dependencies(tf.nest.flatten(outputs)):
                end = tf.timestamp()
            with tf.control_dependencies([self._queue.enqueue((code, start, end))]):
                return tf.nest.map_structure(tf.identity, outputs)

        return traced

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Apunta, con el nombre `name`, lo que dura un bloque de Python, como un paso de entrenamiento."""
        self._codes.setdefault(name, len(self._codes))
        start = time.time()  # el mismo reloj que `tf.timestamp`
        yield
        self._rows.append((name, start, time.time()))

    def spans(self) -> pd.DataFrame:
        """Lo apuntado hasta ahora: `etapa`, `carril`, `inicio` y `fin`, en segundos desde la primera marca.

        Los tramos de una etapa que coinciden en el tiempo van en carriles distintos: hay tantos como hilos trabajaron
        en ella a la vez. Si no hay nada apuntado, es un `ValueError`.
        """
        codes, starts, ends = (column.numpy() for column in self._queue.dequeue_many(self._queue.size()))
        names = list(self._codes)
        self._rows += [(names[c], s, e) for c, s, e in zip(codes, starts, ends, strict=True)]
        if not self._rows:
            raise ValueError("No hay nada apuntado: recorre la tubería antes de pedir los tramos.")
        table = pd.DataFrame(sorted(self._rows, key=lambda row: row[1]), columns=["etapa", "inicio", "fin"])
        table[["inicio", "fin"]] -= table["inicio"].iloc[0]
        lanes: dict[str, list[float]] = {name: [] for name in names}
        table.insert(1, "carril", [_lane(lanes[row.etapa], row.inicio, row.fin) for row in table.itertuples()])
        return table


def overlap(spans: pd.DataFrame, first: str, second: str) -> float:
    """Parte del tiempo de la etapa más corta en que también trabajaba la otra: de 0 (se turnan) a 1.

    Args:
        spans: Los tramos que da `Tracer.spans`.
        first: Nombre de una etapa.
        second: Nombre de la otra.

    Raises:
        ValueError: Si alguna etapa no tiene tramos.

    Example:
        >>> rows = [("leer", 0, 0.0, 2.0), ("entrenar", 0, 1.0, 5.0)]
        >>> overlap(pd.DataFrame(rows, columns=["etapa", "carril", "inicio", "fin"]), "leer", "entrenar")
        0.5
    """
    edges = np.unique(spans[["inicio", "fin"]])
    widths, middles = np.diff(edges), (edges[1:] + edges[:-1]) / 2
    busy = []
    for name in (first, second):
        chosen = spans[spans["etapa"] == name]
        if chosen.empty:
            raise ValueError(f"No hay tramos de la etapa «{name}»; los hay de {', '.join(spans['etapa'].unique())}.")
        starts, ends = chosen["inicio"].to_numpy(), chosen["fin"].to_numpy()
        # En cada instante, ¿han empezado más tramos de los que han acabado?
        busy.append(np.searchsorted(np.sort(starts), middles) > np.searchsorted(np.sort(ends), middles))
    return float(widths[busy[0] & busy[1]].sum() / min(widths[one].sum() for one in busy))


def _files(paths, labels, seed):
    if isinstance(paths, str | Path) or not all(isinstance(path, str | Path) for path in paths):
        raise TypeError("`paths` debe ser una lista de rutas, como `data.pets().paths`.")
    labels = _validate.array(labels, "labels", like=(None,))
    if len(paths) != len(labels):
        raise ValueError(f"`paths` tiene {len(paths)} rutas y `labels` {len(labels)} etiquetas: deben ir por parejas.")
    if missing := [path for path in paths if not Path(path).is_file()]:
        raise FileNotFoundError(f"`paths`: no hay ningún fichero «{missing[0]}». ¿Se ha borrado la carpeta?")
    # El orden y los números al azar dependen también de la semilla global: sin fijarla, cambiarían entre tuberías.
    keras.utils.set_random_seed(_validate.seed(seed))
    return tf.data.Dataset.from_tensor_slices(([str(path) for path in paths], labels.astype(np.int64)))


def _shuffled(dataset, n, seed):
    numbers = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    return tf.data.Dataset.zip(dataset.shuffle(n, seed=seed), numbers)


def _first(function):
    def apply(*element):
        first, *rest = tf.nest.flatten(element)
        return tf.nest.pack_sequence_as(element, [function(first), *rest])

    return apply


def _augment_batch(pair, numbers):
    return augment(pair[0], numbers), pair[1]


def _augment_one(pair, number):
    return augment(pair[0][tf.newaxis], number[tf.newaxis])[0], pair[1]


def _lane(busy_until, start, end):
    lane = next((i for i, until in enumerate(busy_until) if until <= start), len(busy_until))
    busy_until[lane : lane + 1] = [end]
    return lane
