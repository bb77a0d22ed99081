import hashlib
import shutil
import tempfile

import numpy as np
import pytest
from PIL import Image

from ligero import models
from ligero._tensorflow import keras, tf
from ligero.data import _drawing, pets

DIGEST = "c59a2015ca359fcbe729c33fb120997a27d33db4dfa68321e5afdcc5382893aa"


@pytest.fixture(scope="module")
def drawn():
    return pets(images=300)


def load(found):
    return np.stack([np.asarray(Image.open(path).convert("RGB").resize((64, 64))) for path in found.paths])


def test_half_of_each_with_its_label_in_the_name(drawn):
    assert drawn.labels.tolist() == [0] * 150 + [1] * 150
    assert all(
        path.name.startswith(("cat", "dog")[label]) for path, label in zip(drawn.paths, drawn.labels, strict=True)
    )
    assert [path.name for path in drawn.paths[:3]] == ["cat.0.jpg", "cat.1.jpg", "cat.2.jpg"]
    assert drawn.rejected.empty and drawn.notices.empty


def test_the_same_seed_draws_the_same_bytes_and_another_one_does_not():
    first, again, other = (_drawing.draw(1, seed, 7)[0].tobytes() for seed in (0, 0, 1))
    assert first == again != other


def test_pixels_are_those_of_the_pinned_environment():
    """Aritmética entera: en el entorno fijado salen siempre los mismos píxeles."""
    content = b"".join(_drawing.draw(species, 0, number)[0].tobytes() for species in (0, 1) for number in range(5))
    assert hashlib.sha256(content).hexdigest() == DIGEST


def test_statistics_stay_within_a_tolerance_elsewhere(drawn):
    x = load(drawn) / 255
    assert x.mean() == pytest.approx(0.48, abs=0.03) and x.std() == pytest.approx(0.22, abs=0.03)
    # El color no delata la especie: la media de cada clase es casi la misma.
    assert np.abs(x[:150].mean(axis=(0, 1, 2)) - x[150:].mean(axis=(0, 1, 2))).max() < 0.05


def test_a_small_network_learns_them_without_saturating():
    train, fresh = pets(images=1200), pets(images=600, seed=1)
    network = models.pets_cnn(seed=1)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, 12 * 38)
    network.compile(
        optimizer=keras.optimizers.Adam(rate), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    network.fit(load(train) / np.float32(255), train.labels, epochs=12, batch_size=32, verbose=0)
    scores = network.predict(load(fresh) / np.float32(255), verbose=0)
    assert 0.90 <= (scores.argmax(axis=1) == fresh.labels).mean() <= 0.97


@pytest.fixture
def folder(drawn, tmp_path):
    """Una carpeta con fotos sanas y las rarezas de las colecciones de verdad."""
    (tmp_path / "train").mkdir()
    for path in (*drawn.paths[:3], *drawn.paths[-3:]):
        shutil.copy(path, tmp_path / "train")
    photo = Image.open(drawn.paths[0]).convert("RGB")
    turned = Image.Exif()
    turned[0x0112] = 6
    whole = drawn.paths[0].read_bytes()
    train = tmp_path / "train"
    (train / "cat.9001.jpg").write_bytes(whole[: len(whole) // 2])
    (train / "cat.9002.jpg").touch()
    photo.save(train / "cat.9003.jpg", "PNG")
    photo.convert("L").save(train / "dog.9004.jpg")
    photo.convert("CMYK").save(train / "dog.9005.jpg")
    photo.save(train / "dog.9006.jpg", exif=turned)
    (train / "dog.9007.jpg").write_bytes(b"hola, soy un texto")
    (train / "cat.9008.jpg").write_bytes(b"\xff\xd8\xff" + bytes(64))
    (train / "dog.9009.jpg").write_bytes(whole + b"datos de la camara" * 20)
    (train / "Thumbs.db").write_bytes(b"nada")
    return tmp_path


def test_damaged_files_are_counted_told_and_left_out(folder):
    found = pets(folder)
    assert dict(found.rejected.itertuples(index=False)) == {
        "cat.9001.jpg": "está cortado: le falta el final",
        "cat.9002.jpg": "está vacío",
        "cat.9003.jpg": "es un PNG con nombre de JPEG",
        "cat.9008.jpg": "la cabecera está dañada",
        "dog.9005.jpg": "está en CMYK: sus colores se leerían mal",
        "dog.9007.jpg": "no es una imagen",
    }
    assert dict(found.notices.itertuples(index=False)) == {
        "dog.9004.jpg": "está en grises",
        "dog.9006.jpg": "la cámara pide girarlo (EXIF) y `decode_jpeg` no lo hace",
    }
    names = [path.name for path in found.paths]
    assert len(names) == 9 and "dog.9009.jpg" in names and "Thumbs.db" not in names


def test_whatever_is_kept_can_be_decoded(folder):
    for path in pets(folder).paths:
        assert tf.io.decode_jpeg(path.read_bytes(), channels=3).shape[-1] == 3


def test_files_at_the_top_or_a_folder_per_class_also_work(drawn, tmp_path):
    top, apart = tmp_path / "top", tmp_path / "apart"
    top.mkdir()
    for name in ("Cat", "Dog"):
        (apart / name).mkdir(parents=True)
    for i in (0, 1):
        shutil.copy(drawn.paths[i - 1 if i else 0], top)
    shutil.copy(drawn.paths[0], apart / "Cat" / "11.jpg")
    shutil.copy(drawn.paths[-1], apart / "Dog" / "7.jpg")
    shutil.copy(drawn.paths[-1], top)
    assert pets(top).labels.tolist() == [0, 1] and pets(apart).labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"folder": "no-existe"}, FileNotFoundError, "no hay ninguna carpeta"),
        ({"images": 1}, ValueError, "2 o más"),
        ({"images": "muchas"}, TypeError, "`images` debe ser un entero"),
        ({"seed": -1}, ValueError, "`seed`"),
    ],
)
def test_bad_arguments_are_explained(arguments, error, says):
    with pytest.raises(error, match=says):
        pets(**arguments)


def test_a_class_without_photos_is_named(drawn, tmp_path):
    with pytest.raises(ValueError, match="ninguna foto de gato"):
        pets(tmp_path)
    shutil.copy(drawn.paths[0], tmp_path)
    with pytest.raises(ValueError, match=r"ninguna foto de perro .* `train/dog.0.jpg`… o una subcarpeta `Dog`"):
        pets(tmp_path)


def test_an_interrupted_drawing_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(_drawing, "draw", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pets(images=4)
    assert not list(tmp_path.iterdir())


def test_two_processes_may_draw_at_once(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    draw, entered = _drawing.draw, []

    def another_finishes_first(*arguments):
        if not entered:
            entered.append(1)
            pets(images=4)
        return draw(*arguments)

    monkeypatch.setattr(_drawing, "draw", another_finishes_first)
    assert len(pets(images=4).paths) == 4
    assert len(list(tmp_path.iterdir())) == 1
