"""Los síntomas literales de `agrupacion`: se provocan, y el texto de la tabla es el que sale."""

import warnings

import keras as keras3
import numpy as np
import pytest
import tensorflow as tf
import tf_keras as keras

from ligero import convert, runtime

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # pregunta por la versión de TensorFlow con distutils
    import tensorflow_model_optimization as tfmot

PAGE = "agrupacion"
CLUSTERING = tfmot.clustering.keras
INITS = CLUSTERING.CentroidInitialization


def network(width=64):
    layers = [keras.layers.Input((16,)), keras.layers.Dense(width, activation="relu"), keras.layers.Dense(3)]
    return keras.Sequential(layers)


def converted(model, folder):
    tf.saved_model.save(model, str(folder))
    return convert.convert(folder, "float32")


def test_a_keras_3_model_is_ignored_in_silence(symptoms):
    model = keras3.Sequential([keras3.layers.Input((16,)), keras3.layers.Dense(3)])
    with pytest.raises(AttributeError) as caught:
        CLUSTERING.cluster_weights(model, 4, INITS.LINEAR).compile()
    assert f"AttributeError: {caught.value}" in symptoms(PAGE)


def test_the_same_network_cannot_be_wrapped_twice(symptoms):
    model = network()
    CLUSTERING.cluster_weights(model, 4, INITS.LINEAR)
    with pytest.raises(StopIteration) as caught:
        CLUSTERING.cluster_weights(model, 4, INITS.LINEAR)
    assert not str(caught.value) and "StopIteration, sin más texto" in symptoms(PAGE)


@pytest.mark.parametrize("arguments", [(4, "linear"), (1, INITS.LINEAR)], ids=["texto", "un valor"])
def test_arguments_it_refuses(symptoms, arguments):
    with pytest.raises(ValueError) as caught:
        CLUSTERING.cluster_weights(network(), *arguments)
    assert f"ValueError: {caught.value}" in symptoms(PAGE)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
def test_what_was_saved_with_the_wrapper_does_not_load(symptoms, tmp_path):
    path = tmp_path / "red.h5"
    CLUSTERING.cluster_weights(network(), 4, INITS.LINEAR).save(path)
    with pytest.raises(ValueError) as caught:
        keras.models.load_model(path)
    first = str(caught.value).split(".", 1)[0] + "."
    assert f"ValueError: {first}" in symptoms(PAGE) and "ClusterWeights" in first
    with CLUSTERING.cluster_scope():
        assert keras.models.load_model(path).layers


def test_forgetting_strip_clustering_is_paid_in_the_file(symptoms, tmp_path):
    wrapped = CLUSTERING.cluster_weights(network(512), 16, INITS.LINEAR)
    forgotten = converted(wrapped, tmp_path / "con")
    stripped = converted(CLUSTERING.strip_clustering(wrapped), tmp_path / "sin")
    operators = {o["op_name"] for o in runtime.interpreter(forgotten)._get_ops_details()}
    assert "ARG_MIN" in operators and len(forgotten) > 3 * len(stripped)
    assert "aparece ARG_MIN entre sus operadores" in symptoms(PAGE)


def test_density_based_cannot_give_64_values(symptoms):
    wrapped = CLUSTERING.cluster_weights(network(512), 64, INITS.DENSITY_BASED)
    kernel = CLUSTERING.strip_clustering(wrapped).layers[0].get_weights()[0]
    assert len(np.unique(kernel)) <= 30
    assert "Pides 64 valores con DENSITY_BASED y salen menos de 30" in symptoms(PAGE)
