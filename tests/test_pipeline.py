"""Las dos tuberías dan los mismos lotes, y el trazador apunta lo que de verdad ocurre."""

import time

import numpy as np
import pytest
from PIL import Image

from ligero import pipeline
from ligero._tensorflow import tf


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("fotos"), np.random.default_rng(0)
    for i in range(20):
        Image.fromarray(rng.integers(0, 256, (40 + i, 50, 3), dtype=np.uint8)).save(folder / f"{i}.jpg")
    return [folder / f"{i}.jpg" for i in range(20)], np.arange(20) % 2


def epoch(dataset):
    return [(images.numpy(), labels.numpy()) for images, labels in dataset]


@pytest.mark.parametrize("without", [(), *((piece,) for piece in pipeline.PIECES)], ids=str)
def test_every_pipeline_gives_the_same_batches(photos, without):
    naive = pipeline.naive(*photos, size=16, batch=8, seed=3)
    fast = pipeline.optimized(*photos, size=16, batch=8, seed=3, without=without)
    for _ in range(2):
        one, other = epoch(naive), epoch(fast)
        assert [len(labels) for _, labels in one] == [8, 8, 4]
        for (x, y), (u, v) in zip(one, other, strict=True):
            assert np.array_equal(x, u) and np.array_equal(y, v)


@pytest.mark.parametrize("build", [pipeline.naive, pipeline.optimized])
def test_each_epoch_shuffles_and_augments_anew(photos, build):
    dataset = build([photos[0][0]] * 20, np.arange(20), size=16, batch=20)
    (x, y), (u, v) = epoch(dataset)[0], epoch(dataset)[0]
    assert sorted(y) == sorted(v) == list(range(20)) and list(y) != list(v)
    same = [np.array_equal(x[y == label], u[v == label]) for label in range(20)]
    assert not any(same) and len(np.unique(x, axis=0)) == 20  # ni congelada en la caché, ni igual para todo el lote
    assert x.dtype == np.float32 and 0 <= x.min() < x.max() <= 1


def test_pixels_are_those_of_the_photo(photos):
    content = photos[0][4].read_bytes()
    expected = tf.image.resize(tf.io.decode_jpeg(content, channels=3), (16, 16)).numpy()
    assert np.abs(pipeline.decode(content, 16).numpy() - expected).max() <= 0.5
    image = pipeline.decode(content, 16)[tf.newaxis]
    number = 16 * (32**4 + 32**5)  # sin espejo, sin acercamiento, y brillo y contraste en su punto medio
    numbers = tf.constant([number, number + 16], tf.int64)
    plain, flipped = pipeline.augment(tf.repeat(image, 2, axis=0), numbers).numpy()
    assert np.allclose(plain, image[0] / 255, atol=1e-5) and np.allclose(flipped[:, ::-1], image[0] / 255, atol=1e-5)


def naps(parallel):
    def nap(x):
        time.sleep(0.005)
        return x

    tracer = pipeline.Tracer()
    slow = tracer.stage("siesta", lambda x: tf.numpy_function(nap, [x], x.dtype))
    dataset = tf.data.Dataset.range(20).map(slow, parallel)
    list(dataset if parallel else pipeline.without_rewrites(dataset))
    return tracer.spans()


def test_spans_last_what_the_work_lasts_and_overlap_only_in_parallel():
    one, two = naps(None), naps(2)
    for spans in (one, two):
        assert len(spans) == 20 and (spans["fin"] - spans["inicio"]).min() >= 0.005
    assert (one["inicio"].to_numpy()[1:] >= one["fin"].to_numpy()[:-1]).all() and set(one["carril"]) == {0}
    assert set(two["carril"]) == {0, 1}
    assert (two["inicio"].to_numpy()[1:] < two["fin"].to_numpy()[:-1]).mean() > 0.4


def test_python_blocks_share_the_clock_with_the_graph(photos):
    tracer = pipeline.Tracer()
    for _ in pipeline.naive(*photos, size=16, batch=8, tracer=tracer):
        with tracer.span("entrenar"):
            time.sleep(0.002)
    spans = tracer.spans()
    assert spans["etapa"].value_counts().to_dict() == {"leer": 20, "decodificar": 20, "aumentar": 20, "entrenar": 3}
    assert pipeline.overlap(spans, "decodificar", "entrenar") == 0  # por turnos
    assert spans["etapa"].iloc[0] == "leer" and spans["etapa"].iloc[-1] == "entrenar"


def test_wrong_arguments_are_explained(photos, tmp_path):
    paths, labels = photos
    cases = [
        (lambda: pipeline.naive(paths, labels[:3]), ValueError, "3 etiquetas"),
        (lambda: pipeline.naive(str(paths[0]), labels), TypeError, "lista de rutas"),
        (lambda: pipeline.naive([tmp_path / "no.jpg"], [0]), FileNotFoundError, "no.jpg"),
        (lambda: pipeline.optimized(paths, labels, without=["cache"]), ValueError, "caché"),
        (lambda: pipeline.naive(paths, labels, batch=0), ValueError, "`batch`"),
        (lambda: pipeline.Tracer().spans(), ValueError, "recorre la tubería"),
    ]
    for call, error, text in cases:
        with pytest.raises(error, match=text):
            call()
    # Lo dañado que nadie apartó detiene la tubería y se nombra con el error de TensorFlow.
    (tmp_path / "rota.jpg").write_bytes(paths[0].read_bytes()[:200])
    with pytest.raises(tf.errors.InvalidArgumentError, match="Invalid JPEG"):
        epoch(pipeline.naive([tmp_path / "rota.jpg"], [0]))
