"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

from ligero._tensorflow import tf


def _bound(images, epochs, stages, train_ms, cores, *, cached=True, serial=True, unit=1000):
    work = sum(ms * (1 if kept and cached else epochs) for ms, kept in stages) + epochs * train_ms
    shared = images * work / cores / unit
    return max(shared, images * epochs * train_ms / unit) if serial else shared


def _images(paths):
    return tf.data.Dataset.from_tensor_slices(list(paths))


def _cache_at_the_end(paths, load, augment, batch):
    return _images(paths).map(load).shuffle(len(paths)).batch(batch).map(augment).cache()


def _no_cache(paths, load, augment, batch):
    return _images(paths).shuffle(len(paths)).map(load).batch(batch).map(augment).prefetch(2)


def _shuffle_first(paths, load, augment, batch):
    return _images(paths).shuffle(len(paths)).map(load).cache().batch(batch).map(augment)


def _shuffle_batches(paths, load, augment, batch):
    return _images(paths).map(load).cache().batch(batch).shuffle(len(paths)).map(augment)


def _drop(paths, load, augment, batch):
    return _images(paths).map(load).cache().shuffle(99).batch(batch, drop_remainder=True).map(augment)


def _forever(paths, load, augment, batch):
    return _images(paths).map(load).cache().shuffle(99).repeat().batch(batch).map(augment)


def _one_by_one(paths, load, augment, batch):
    return _images(paths).map(load).cache().shuffle(99).map(augment).batch(batch)


def _last_that_fits(stages, images, budget, *, stop=True, strict=False, mind_random=True):
    best = "ninguna"
    for stage in stages:
        size = images * stage["bytes"]
        if mind_random and stage["random"]:
            break
        if size < budget or (size == budget and not strict):
            best = stage["name"]
        elif stop:
            break
    return best


MISTAKES = {
    "imagenes-1": [
        ("el resultado visible del enunciado", lambda *_: 7.5, "sin caché y con 2 núcleos"),
        ("no contar la caché", lambda *a: _bound(*a, cached=False), "solo cuesta en la primera época"),
        ("repartir también la serie", lambda *a: _bound(*a, serial=False), "espera al anterior"),
        ("en milisegundos", lambda *a: _bound(*a, unit=1), "se pide en segundos"),
        ("no dividir entre los núcleos", lambda *a: _bound(*a[:4], 1), "divide entre `cores`"),
        ("olvidar la red", lambda i, e, s, t, c: _bound(i, e, s, 0.0, c), "el mayor de dos tiempos"),
    ],
    "imagenes-2": [
        ("lo visible: devolver el lote tal cual", lambda images, deltas: images, "suma por término medio"),
        ("el mismo brillo para todas", lambda x, d: tf.clip_by_value(x + d[0], 0, 1), "Cada imagen lleva el suyo"),
        ("sin recortar", lambda x, d: x + d[:, None, None, None], "clip_by_value"),
        ("emparejar con los canales", lambda x, d: tf.clip_by_value(x + d, 0, 1), "Tu función se detiene"),
        (
            "emparejar con las columnas",
            lambda x, d: tf.clip_by_value(x + tf.repeat(d, 9)[: x.shape[2], None], 0, 1),
            "`deltas` se ha emparejado con otro eje",
        ),
        (
            "solo la primera imagen",
            lambda x, d: tf.clip_by_value(x + d[:, None, None, None], 0, 1)[0],
            "Devuelve el lote entero",
        ),
        (
            "multiplicar en lugar de sumar",
            lambda x, d: tf.clip_by_value(x * (1 + d[:, None, None, None]), 0, 1),
            "suma por término medio",
        ),
    ],
    "imagenes-3": [
        ("lo visible: la tubería ingenua, sin caché", _no_cache, "se ha llamado a `load` 69 veces"),
        ("la caché al final", _cache_at_the_end, "repite exactamente la aumentación"),
        ("mezclar antes de la caché", _shuffle_first, "en el mismo orden"),
        ("mezclar lotes", _shuffle_batches, "caen siempre juntas"),
        ("tirar el último lote", _drop, "`drop_remainder`"),
        ("repetir sin fin", _forever, "sin `repeat`"),
        ("aumentar de una en una", _one_by_one, "augment espera un lote"),
        ("devolver una lista", lambda p, load, a, b: [load(x) for x in p], "se espera un `tf.data.Dataset`"),
    ],
    "imagenes-4": [
        ("el resultado visible del enunciado", lambda *_: "reducir", "eliges «reducir» y es «a float32»"),
        ("parar en la primera que no cabe", _last_that_fits, "No pares en el primero"),
        (
            "olvidar el azar",
            lambda *a: _last_that_fits(*a, stop=False, mind_random=False),
            "Detrás de una etapa aleatoria",
        ),
        ("límite estricto", lambda *a: _last_that_fits(*a, stop=False, strict=True), "incluye el límite"),
        (
            "olvidar cuántas imágenes hay",
            lambda stages, images, budget: _last_that_fits(stages, 1, budget, stop=False),
            "Ahí no cabe",
        ),
        ("la etapa más lenta", lambda stages, *_: max(stages, key=lambda s: s["ms"])["name"], "Ahí no cabe"),
        ("devolver la posición", lambda stages, *_: 2, "se espera un texto"),
    ],
}
