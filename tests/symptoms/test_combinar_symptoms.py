"""Los síntomas literales de `combinar`: se provocan, y el texto de la tabla es el que sale."""

import warnings

import numpy as np
import pytest
import tf_keras as keras

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # pregunta por la versión de TensorFlow con distutils
    import tensorflow_model_optimization as tfmot
    from tensorflow_model_optimization.python.core.clustering.keras.experimental import cluster as experimental

PAGE = "combinar"
LINEAR = tfmot.clustering.keras.CentroidInitialization.LINEAR
QUANTIZATION = tfmot.quantization.keras
COLLAB = tfmot.experimental.combine
PCQAT = COLLAB.Default8BitClusterPreserveQuantizeScheme(preserve_sparsity=True)


def network(units=3):
    return keras.Sequential([keras.layers.Input((64,)), keras.layers.Dense(units, name="densa")])


def apply(model, scheme):
    return QUANTIZATION.quantize_apply(QUANTIZATION.quantize_annotate_model(model), scheme=scheme)


def test_the_public_clustering_does_not_keep_zeros(symptoms):
    with pytest.raises(TypeError) as caught:
        tfmot.clustering.keras.cluster_weights(network(), 8, LINEAR, preserve_sparsity=True)
    print("PUB", caught.value)
    assert f"TypeError: {caught.value}" in symptoms(PAGE)


def test_two_values_are_not_enough(symptoms):
    with pytest.raises(ValueError) as caught:
        experimental.cluster_weights(network(), 2, LINEAR, preserve_sparsity=True)
    print("TWO", caught.value)
    assert f"ValueError: {caught.value}" in symptoms(PAGE)


def test_pcqat_of_a_network_that_is_not_clustered_keeps_nothing(symptoms):
    with pytest.warns(UserWarning, match="Too many centroids") as caught:
        apply(network(30), PCQAT)
    text = " ".join(str(caught[0].message).split())
    print("MANY", text)
    assert f"UserWarning: {text}" in symptoms(PAGE)


def test_wrapped_layers_cannot_be_quantized(symptoms):
    wrapped = tfmot.sparsity.keras.prune_low_magnitude(network())
    with pytest.raises((ValueError, RuntimeError)) as caught:
        apply(wrapped, PCQAT)
    print("WRAP", type(caught.value), caught.value)
    first = str(caught.value).split(". ", 1)[0]
    assert f"{type(caught.value).__name__}: {first}" in symptoms(PAGE)


def test_pcqat_empties_a_1x1_convolution(symptoms):
    model = keras.Sequential([keras.layers.Input((4, 4, 4)), keras.layers.Conv2D(8, 1, name="conv")])
    kernel = np.zeros((1, 1, 4, 8), np.float32)
    kernel[0, 0, :, ::2] = np.random.default_rng(0).choice([-0.5, 0.25, 0.75], (4, 4))
    model.layers[0].set_weights([kernel, np.zeros(8)])
    aware = apply(model, PCQAT)
    aware.compile("adam", "mse")
    aware.fit(np.ones((32, 4, 4, 4)), np.ones((32, 4, 4, 8)), verbose=0)
    after = next(w for w in aware.get_weights() if w.shape == kernel.shape)
    print("1x1", (after == 0).mean(), (kernel == 0).mean())
    assert (after == 0).all()
    assert "1×1" in symptoms(PAGE)
