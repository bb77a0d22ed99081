"""Ejercicios de `acelerar/tf-data-imagenes`."""

import numpy as np

from ligero._tensorflow import tf
from ligero.exercises import Trial, exercise


@exercise(
    "imagenes-1",
    asks="Escribe `shortest_training(images, epochs, stages, train_ms, cores)`: los segundos por debajo de los cuales "
    "no puede bajar un entrenamiento.",
    first_hint="Calcula dos cotas, la de los núcleos y la de los pasos en serie. ¿Cuál de las dos manda?",
)
def shortest_training(trial: Trial) -> str:
    """Compara con la cota exacta en casos en que mandan los núcleos, la serie o la caché."""
    cases = [
        (1000, 3, [(0.1, False), (1.9, False), (0.5, False)], 1.5, 2, "sin caché y con 2 núcleos"),
        (1000, 4, [(0.2, True), (2.8, True), (0.4, False)], 1.3, 2, "con lo decodificado en la caché"),
        (500, 2, [(0.1, True), (0.3, True)], 4.0, 8, "con 8 núcleos y una red lenta"),
        (800, 1, [(0.5, True), (1.0, False)], 0.5, 1, "con 1 núcleo y una época"),
    ]
    rng = np.random.default_rng(9)
    for i in range(12):
        stages = [(float(rng.uniform(0.1, 3)), bool(rng.integers(2))) for _ in range(4)]
        images, epochs, cores = (int(n) for n in rng.integers([100, 1, 1], [3000, 9, 9]))
        cases.append((images, epochs, stages, float(rng.uniform(0.3, 4)), cores, f"el caso al azar n.º {i + 1}"))
    for images, epochs, stages, train_ms, cores, shown in cases:
        got = trial.number(trial.call(images, epochs, list(stages), train_ms, cores, shown=shown), f"En {shown}")
        once = sum(ms for ms, cached in stages if cached)
        always = sum(ms for ms, cached in stages if not cached)
        serial = images * epochs * train_ms / 1000
        shared = images * (once + epochs * (always + train_ms)) / cores / 1000
        expected = max(serial, shared)
        trial.require(
            bool(np.isclose(got, expected)),
            f"En el caso «{shown}» ({images} imágenes, {epochs} épocas, {cores} núcleos) tu función da {got:.4g} s y "
            f"la cota es {expected:.4g} s.",
            _bound_hint(got, images, epochs, once, always, train_ms, cores),
        )
    return (
        "La cota no dice que se llegue a ella: dice por qué comprar más núcleos deja de servir. ¿A partir de cuántos "
        "manda la serie en tu máquina?"
    )


def _bound_hint(got, images, epochs, once, always, train_ms, cores) -> str:
    serial = images * epochs * train_ms / 1000
    shared = images * (once + epochs * (always + train_ms)) / cores / 1000
    every_time = images * epochs * (once + always + train_ms) / cores / 1000
    if any(np.isclose(got, 1000 * value) for value in (serial, shared, every_time)):
        return "Las etapas vienen en milisegundos y la respuesta se pide en segundos."
    if np.isclose(got, cores * max(shared, serial / cores)):
        return "El trabajo se reparte entre los núcleos: divide entre `cores`."
    if np.isclose(got, max(serial, every_time)):
        return "Lo que queda en la caché solo cuesta en la primera época."
    if np.isclose(got, shared):
        return "Un paso de entrenamiento espera al anterior: esa suma no se reparte entre los núcleos."
    return "Es el mayor de dos tiempos: todo el trabajo entre los núcleos, y los pasos de entrenamiento uno tras otro."


@exercise(
    "imagenes-2",
    asks="Escribe `brighten(images, deltas)`: suma a cada imagen del lote su propio brillo.",
    first_hint="`images` tiene la forma `(n, alto, ancho, 3)` y `deltas`, `(n,)`. ¿Qué ejes se emparejan al sumar?",
)
def brighten(trial: Trial) -> str:
    """Pone lotes con tantas imágenes como columnas, valores que se salen y un lote de una sola imagen."""
    rng = np.random.default_rng(31)
    for n, height, width in ((4, 6, 5), (3, 4, 3), (5, 5, 5), (1, 4, 4)):
        images = rng.random((n, height, width, 3), dtype=np.float32)
        deltas = rng.uniform(-0.6, 0.6, n).astype(np.float32)
        shown = f"un lote de forma {images.shape}"
        got = trial.call(tf.constant(images), tf.constant(deltas), shown=shown)
        try:
            got = np.asarray(got)
        except Exception:
            got = np.empty(0)
        trial.require(
            got.shape == images.shape and got.dtype == np.float32,
            f"Con {shown} devuelves forma {got.shape} y tipo {got.dtype}; se espera float32 con la misma forma.",
            "Devuelve el lote entero. Para que `deltas` valga por imagen, dale tres ejes más: "
            "`deltas[:, tf.newaxis, tf.newaxis, tf.newaxis]`.",
        )
        raw = images + deltas[:, None, None, None]
        if np.allclose(got, np.clip(raw, 0, 1), atol=1e-6):
            continue
        trial.require(
            not np.allclose(got, raw, atol=1e-6),
            f"Con {shown} hay valores entre {got.min():.2g} y {got.max():.2g}, y la red espera de 0 a 1.",
            "Después de sumar, recorta con `tf.clip_by_value(…, 0, 1)`.",
        )
        # La media de lo que no ha llegado a 0 ni a 1 delata qué se sumó a cada imagen.
        inside = (got > 0) & (got < 1)
        added = [float((got - images)[i][inside[i]].mean()) if inside[i].any() else 0.0 for i in range(n)]
        trial.reject(
            f"Con {shown} y brillos {_list(deltas)}, tu función suma por término medio {_list(added)}.",
            "Cada imagen lleva el suyo: si todas reciben el mismo, o cambia de una columna a otra, `deltas` se ha "
            "emparejado con otro eje. Dale tres ejes más al final.",
        )
    return (
        "`tf.image.random_brightness` acepta un lote y sortea un solo brillo para las n imágenes. ¿Qué aprendería una "
        "red si todas las fotos de un lote fueran oscuras a la vez?"
    )


def _list(values) -> str:
    return "[" + ", ".join(f"{value:.2f}" for value in values) + "]"


@exercise(
    "imagenes-3",
    asks="Escribe `build(paths, load, augment, batch)`: la tubería que carga cada fichero una sola vez en todo el "
    "entrenamiento, y mezcla y aumenta de nuevo en cada época.",
    first_hint="Escribe las etapas en papel y coloca `cache` entre ellas. ¿Qué queda congelado y qué no?",
)
def build(trial: Trial) -> str:
    """Cuenta las cargas, y mira qué cambia y qué no de una época a otra."""
    for n, size in ((23, 5), (12, 12)):
        shown = f"{n} ficheros y lotes de {size}"
        loads, load, augment = _instruments()
        dataset = trial.call([f"{i}.jpg" for i in range(n)], load, augment, size, shown=shown)
        trial.require(
            isinstance(dataset, tf.data.Dataset),
            f"Con {shown} devuelves {type(dataset).__name__} y se espera un `tf.data.Dataset`.",
            "Empieza por `tf.data.Dataset.from_tensor_slices(paths)` y devuelve lo que den sus métodos.",
        )
        dataset = dataset.take(2 * n)  # una tubería sin fin no debe colgar la corrección
        epochs = [
            trial.run(lambda data=dataset: [b.numpy() for b in data], " al recorrer la tubería") for _ in range(3)
        ]
        for batches in epochs:
            trial.require(
                all(batch.ndim == 3 for batch in batches),
                f"Con {shown}, los elementos tienen forma {batches[0].shape if batches else ()}, no (n, alto, ancho).",
                "Agrupa con `.batch(batch)` antes de aumentar.",
            )
            sizes = [len(batch) for batch in batches]
            seen = sorted(int(v) for batch in batches for v in np.floor(batch[:, 0, 0]))
            trial.require(
                seen == list(range(n)) and sum(m != size for m in sizes) <= 1,
                f"Con {shown}, una época entrega lotes de {sizes}: {len(seen)} imágenes, {len(set(seen))} distintas.",
                "Cada época debe dar todas las imágenes una vez: sin `repeat`, sin `drop_remainder`, y con lotes del "
                "tamaño pedido salvo el último.",
            )
        first, second, _ = (np.concatenate(batches)[:, 0, 0] for batches in epochs)
        by_image = [np.sort(values) for values in (first, second)]
        trial.require(
            not np.any(by_image[0] == by_image[1]),
            f"Con {shown}, la segunda época repite exactamente la aumentación de la primera: está en la caché.",
            "Lo que va antes de `cache` se queda como salió la primera vez. Aumenta después.",
        )
        trial.require(
            len(loads) == n,
            f"Con {shown} y tres épocas, se ha llamado a `load` {len(loads)} veces; bastaban {n}.",
            "Guarda lo cargado con `.cache()`, y no lo agrupes ni lo mezcles antes con algo que cambie.",
        )
        orders = [[set(np.floor(batch[:, 0, 0])) for batch in batches] for batches in epochs]
        trial.require(
            not np.array_equal(np.floor(first), np.floor(second)),
            f"Con {shown}, las imágenes llegan en el mismo orden en todas las épocas.",
            "`cache` también congela el orden: `shuffle` va después.",
        )
        trial.require(
            n == size or {frozenset(group) for group in orders[0]} != {frozenset(group) for group in orders[1]},
            f"Con {shown}, las mismas imágenes caen siempre juntas en un lote.",
            "Mezcla imágenes, no lotes: `shuffle` va antes de `batch`.",
        )
    return (
        "Has puesto `cache` después de lo caro y antes de lo aleatorio. ¿Dónde la pondrías si las imágenes "
        "decodificadas no cupieran en la memoria?"
    )


def _instruments():
    loads: list[str] = []
    rng = np.random.default_rng(13)  # y no el azar de TensorFlow, que con semilla global se repite en cada época

    def read(path):
        digits = "".join(c for c in str(path) if c.isdigit())
        loads.append(digits)
        return np.full((2, 2), int(digits), np.float32)

    def load(path):
        return tf.ensure_shape(tf.numpy_function(read, [path], tf.float32), (2, 2))

    def augment(images):
        if images.shape.rank != 3:
            raise ValueError("augment espera un lote de forma (n, alto, ancho)")
        noise = tf.numpy_function(
            lambda n: rng.uniform(0, 0.5, (n, 1, 1)).astype(np.float32), [tf.shape(images)[0]], tf.float32
        )
        return images + tf.ensure_shape(noise, (None, 1, 1))

    return loads, load, augment


@exercise(
    "imagenes-4",
    asks="Escribe `cache_after(stages, images, budget)`: el nombre de la etapa tras la que conviene la caché.",
    first_hint="Descarta primero los sitios imposibles: los que no caben y los que congelan el azar. ¿Cuál ahorra más?",
)
def cache_after(trial: Trial) -> str:
    """Pone memorias justas, etapas que ocupan menos que la anterior y azar en medio."""
    kaggle = [
        _stage("leer", 0.1, 22_000, False),
        _stage("decodificar", 1.4, 540_000, False),
        _stage("reducir", 0.3, 12_288, False),
        _stage("a float32", 0.05, 49_152, False),
        _stage("aumentar", 0.4, 49_152, True),
        _stage("normalizar", 0.05, 49_152, False),
    ]
    everything = _stage("sortear recorte", 0.1, 1_000, True)
    cases = [
        (kaggle, 25_000, 2 * 10**9, "a float32", "25 000 fotos y 2 GB"),
        (kaggle, 25_000, 10**9, "reducir", "25 000 fotos y 1 GB"),
        (kaggle, 25_000, 25_000 * 12_288, "reducir", "25 000 fotos y la memoria justa para las reducidas"),
        (kaggle, 25_000, 3 * 10**8, "ninguna", "25 000 fotos y 0.3 GB"),
        (kaggle[:2], 25_000, 10**9, "leer", "25 000 fotos sin reducir y 1 GB"),
        ([everything, *kaggle], 10, 10**9, "ninguna", "el azar en la primera etapa"),
    ]
    rng = np.random.default_rng(52)
    for i in range(30):
        stages = [
            _stage(f"e{j}", float(rng.uniform(0.1, 3)), int(rng.integers(1, 60)) * 1000, bool(rng.random() < 0.2))
            for j in range(5)
        ]
        budget = 100 * stages[int(rng.integers(5))]["bytes"]
        cases.append((stages, 100, budget, _best(stages, 100, budget), f"la tubería al azar n.º {i + 1}"))
    for stages, images, budget, expected, shown in cases:
        got = trial.text(trial.call([dict(s) for s in stages], images, budget, shown=shown), f"Con {shown}")
        names = [stage["name"] for stage in stages]
        trial.require(
            got == expected,
            f"Con {shown} eliges «{got}» y es «{expected}».",
            _cache_hint(got, stages, names, images, budget),
        )
    return (
        "Si solo cabe lo leído, aún se ahorra el disco. Y si no cabe nada en memoria, `cache(fichero)` usa el disco: "
        "¿cuándo saldría más cara la caché que volver a decodificar?"
    )


def _stage(name: str, ms: float, size: int, random: bool) -> dict:
    return {"name": name, "ms": ms, "bytes": size, "random": random}


def _best(stages: list, images: int, budget: int) -> str:
    best = "ninguna"
    for stage in stages:
        if stage["random"]:
            break
        if images * stage["bytes"] <= budget:
            best = stage["name"]
    return best


def _cache_hint(got: str, stages: list, names: list, images: int, budget: int) -> str:
    if got not in [*names, "ninguna"]:
        return "Devuelve el nombre de una etapa, o «ninguna» si ningún sitio sirve."
    if got == "ninguna":
        return "Hay un sitio que cabe y no congela el azar; «como mucho `budget`» incluye el límite."
    position = names.index(got)
    if any(stage["random"] for stage in stages[: position + 1]):
        return "Detrás de una etapa aleatoria, todas las épocas repetirían lo que salió en la primera."
    if images * stages[position]["bytes"] > budget:
        return f"Ahí no cabe: son {images} imágenes de {stages[position]['bytes']} bytes."
    return "Cabe, pero hay un sitio posterior que también cabe y ahorra más. No pares en el primero que no quepa."
