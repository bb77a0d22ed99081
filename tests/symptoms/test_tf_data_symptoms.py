"""Los síntomas literales de `tf-data`: se provocan, y el texto de la tabla es el que sale."""

import os
import subprocess
import sys

import pytest

from ligero._tensorflow import tf


def test_two_iterators_writing_the_same_cache(tmp_path, symptoms):
    dataset = tf.data.Dataset.range(10).cache(str(tmp_path / "cache"))
    first, second = iter(dataset), iter(dataset)
    next(first)
    with pytest.raises(tf.errors.AlreadyExistsError) as caught:
        next(second)
    said = caught.value.message.split("}} ")[-1].split(" (")[0]
    assert f"AlreadyExistsError: {said}" in symptoms("tf-data")


def test_a_cache_left_half_way_says_so(symptoms):
    """Lo escribe C++ al destruir el iterador, y solo si nadie ha bajado el nivel de su registro."""
    program = "import tensorflow as tf; i = iter(tf.data.Dataset.range(9).cache()); next(i); del i"
    quiet = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run([sys.executable, "-c", program], env=quiet, capture_output=True, text=True, check=True)
    assert "The calling iterator did not fully read the dataset being cached." in done.stderr
    assert "The calling iterator did not fully read the dataset being cached." in symptoms("tf-data")
