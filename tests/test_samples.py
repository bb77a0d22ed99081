"""Las muestras de `data/`: con origen, licencia y la huella que dice su README, y sacadas de los datos de verdad."""

import hashlib
import re

import numpy as np
import pandas as pd

from course import project
from ligero import data

FOLDER = project.ROOT / "data"


def test_every_sample_is_described_and_intact():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    described = dict(re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", readme, re.M))
    files = {path.name: path for path in FOLDER.iterdir() if path.name != "README.md"}
    assert set(described) == set(files)
    for name, digest in described.items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest, name


def test_digits_sample_comes_from_the_digits():
    sample = pd.read_csv(FOLDER / "digits_sample.csv")
    x, y = data.digits()
    known = {(int(label), image.tobytes()) for label, image in zip(y, (x * 16).astype(int), strict=True)}
    for row in sample.to_numpy():
        assert (int(row[0]), row[1:].reshape(8, 8, 1).astype(int).tobytes()) in known
    assert np.bincount(sample["digit"]).tolist() == [3] * 10


def test_pet_samples_are_drawn_by_the_course():
    for path in data.pets(images=4).paths:
        sample = FOLDER / f"pets_{path.name.replace('.', '_', 1)}"
        assert sample.read_bytes() == path.read_bytes()
