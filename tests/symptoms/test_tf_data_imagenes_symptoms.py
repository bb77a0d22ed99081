"""Los síntomas literales de `tf-data-imagenes`: se provocan, y el texto de la tabla es el que sale."""

import numpy as np
import pytest

from ligero._tensorflow import keras, tf


def test_metrics_passed_in_the_place_of_loss_weights(network, symptoms):
    twin = keras.models.clone_model(network)
    twin.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    with pytest.raises(ValueError) as caught:
        twin.fit(np.zeros((4, 8, 8, 1)), np.zeros(4), verbose=0)
    assert f"ValueError: {caught.value}" in symptoms("tf-data-imagenes")


@pytest.mark.parametrize("keep", [100, 0])
def test_damaged_jpeg_in_a_pipeline(keep, symptoms):
    whole = tf.io.encode_jpeg(np.zeros((40, 40, 3), np.uint8)).numpy()
    dataset = tf.data.Dataset.from_tensors(whole[:keep]).map(tf.io.decode_jpeg)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        list(dataset)
    assert caught.value.message.splitlines()[0].split(": ")[-1] in symptoms("tf-data-imagenes")


def test_fit_warns_that_a_dataset_is_not_shuffled(network, symptoms):
    twin = keras.models.clone_model(network)
    twin.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    dataset = tf.data.Dataset.from_tensors((np.zeros((4, 8, 8, 1)), np.zeros(4)))
    with pytest.warns(UserWarning) as caught:
        twin.fit(dataset, verbose=0)
    said = str(caught[0].message).replace("`", "").split(" since")[0]
    assert f"UserWarning: {said}" in symptoms("tf-data-imagenes")


def test_a_global_seed_makes_random_ops_in_map_repeat_each_epoch(symptoms):
    keras.utils.set_random_seed(0)
    dataset = tf.data.Dataset.range(5).map(lambda _: tf.random.uniform(()))
    assert list(dataset.as_numpy_iterator()) == list(dataset.as_numpy_iterator())
    assert "tf.random.uniform dentro de map vuelve a empezar" in symptoms("tf-data-imagenes")


def test_a_pass_left_halfway_is_not_cached():
    reads = []

    def read(value):
        reads.append(value)
        return value

    cached = tf.data.Dataset.range(6).map(lambda x: tf.numpy_function(read, [x], tf.int64)).cache()
    list(cached.take(3))
    list(cached)
    half = len(reads)
    list(cached)
    assert half > 6 and len(reads) == half
