"""Los síntomas literales de `poda`: se provocan, y el texto de la tabla es el que sale."""

import warnings

import numpy as np
import pytest
import tf_keras

from ligero._tensorflow import keras as keras3
from ligero._tensorflow import tf

with warnings.catch_warnings():  # al importarse, consulta distutils, que avisa
    warnings.simplefilter("ignore", DeprecationWarning)
    import tensorflow_model_optimization as tfmot

api = tfmot.sparsity.keras


def small(keras):
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(8), keras.layers.Dense(2)])


def clean(text):
    return " ".join(str(text).replace("`", "").split())


def test_a_keras_3_model(symptoms):
    with pytest.raises(ValueError) as caught:
        api.prune_low_magnitude(small(keras3))
    said = clean(caught.value).split(" Layer's ")[0]
    assert said.endswith("Sequential.") and f"ValueError: {said}" in symptoms("poda")


def test_nobody_counts_the_steps(symptoms):
    wrapped = api.prune_low_magnitude(small(tf_keras))
    wrapped.compile("sgd", "mse")
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        wrapped.fit(np.zeros((4, 4)), np.zeros((4, 2)), verbose=0)
    said = "Prune() wrapper requires the UpdatePruningStep callback to be provided during training."
    said += " Please add it as a callback to your model.fit call."
    assert said in clean(caught.value) and said in symptoms("poda")


def test_the_wrapped_model_has_more_parameters(symptoms):
    network = small(tf_keras)
    wrapped = api.prune_low_magnitude(network)
    assert wrapped.count_params() > 1.5 * network.count_params()
    assert api.strip_pruning(wrapped).count_params() == network.count_params()
    assert "más parámetros que el original" in symptoms("poda")


def test_the_sparse_subgraph_has_no_beginning(symptoms):
    with pytest.raises(ValueError) as caught:
        api.prune_low_magnitude(small(tf_keras), pruning_policy=api.PruneForLatencyOnXNNPack())
    assert clean(caught.value) in symptoms("poda"), clean(caught.value)


@pytest.mark.parametrize("keep_zeros_apart", [False, True])
def test_zeros_weigh_as_much_unless_written_apart(keep_zeros_apart, symptoms):
    network = tf_keras.Sequential([tf_keras.layers.Input((64,)), tf_keras.layers.Dense(128)])
    sizes = []
    for zeros in (False, True):
        if zeros:
            kernel = network.layers[0].kernel.numpy()
            network.layers[0].kernel.assign(np.where(np.arange(kernel.size).reshape(kernel.shape) % 8, 0, kernel))
        converter = tf.lite.TFLiteConverter.from_keras_model(network)
        if keep_zeros_apart:
            converter.optimizations = [tf.lite.Optimize.EXPERIMENTAL_SPARSITY]
        sizes.append(len(converter.convert()))
    assert (sizes[1] < 0.5 * sizes[0]) if keep_zeros_apart else (sizes[1] == sizes[0])
    assert "EXPERIMENTAL_SPARSITY" in symptoms("poda")
