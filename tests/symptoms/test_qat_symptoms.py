"""Los síntomas literales de `qat`: se provocan, y el texto de la tabla es el que sale."""

import warnings

import numpy as np
import pytest
import tf_keras
from tf_keras import layers

from ligero import runtime
from ligero._tensorflow import keras as keras3
from ligero._tensorflow import tf

with warnings.catch_warnings():  # al importarse, consulta distutils, que avisa
    warnings.simplefilter("ignore", DeprecationWarning)
    import tensorflow_model_optimization as tfmot

api = tfmot.quantization.keras


class Energy(layers.Layer):
    def call(self, x):
        return x * x


class OutputOnly(api.QuantizeConfig):
    def get_weights_and_quantizers(self, layer):
        return []

    def get_activations_and_quantizers(self, layer):
        return []

    def set_quantize_weights(self, layer, quantize_weights):
        pass

    def set_quantize_activations(self, layer, quantize_activations):
        pass

    def get_output_quantizers(self, layer):
        return [api.quantizers.MovingAverageQuantizer(8, False, False, False)]

    def get_config(self):
        return {}


def clean(text):
    return " ".join(str(text).replace("`", "").split())


def small(keras=tf_keras):
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])


def test_a_keras_3_model(symptoms):
    with pytest.raises(ValueError) as caught:
        api.quantize_model(small(keras3))
    assert f"ValueError: {clean(caught.value)}" in symptoms("qat")


def test_a_layer_it_does_not_know(symptoms):
    network = tf_keras.Sequential([layers.Input((4,)), Energy(name="energia")])
    with api.quantize_scope({"Energy": Energy}), pytest.raises(RuntimeError) as caught:
        api.quantize_model(network)
    said = clean(caught.value)
    assert said.startswith("Layer energia:<class '") and "Energy'> is not supported." in said
    assert "RuntimeError: Layer energia:<class '…Energy'> is not supported." in symptoms("qat")


def test_a_config_outside_the_scope(symptoms):
    marked = tf_keras.Sequential([layers.Input((4,)), api.quantize_annotate_layer(layers.ReLU(), OutputOnly())])
    with pytest.raises(ValueError) as caught:
        api.quantize_apply(marked)
    said = clean(caught.value)
    assert said.startswith("Unable to clone model.") and "Unknown None: 'OutputOnly'." in said
    assert "ValueError: Unable to clone model. […] Unknown None: 'OutputOnly'." in symptoms("qat")


def test_an_activation_of_ones_own(symptoms):
    def square(x):
        return x * x

    network = tf_keras.Sequential([layers.Input((4,)), layers.Dense(2, activation=square)])
    with api.quantize_scope({"square": square}), pytest.raises(ValueError) as caught:
        api.quantize_model(network)
    said = clean(caught.value)
    first = said.split(". For other", 1)[0] + "."
    assert first != said + "." and f"ValueError: {first}" in symptoms("qat")


def test_nothing_annotated(symptoms):
    with pytest.raises(ValueError) as caught:
        api.quantize_apply(small())
    first = clean(caught.value).split(" There are", 1)[0]
    assert first.endswith("quantize_annotate*.") and f"ValueError: {first}" in symptoms("qat")


def test_a_node_without_the_estimator(symptoms):
    kernel = tf.Variable([[0.3], [0.7]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.round(kernel))
    gradients = zip(tape.gradient(loss, [kernel]), [kernel], strict=True)
    with pytest.raises(ValueError) as caught:
        tf_keras.optimizers.Adam().apply_gradients(gradients)
    said = clean(caught.value)
    assert said.startswith("No gradients provided for any variable")
    assert "ValueError: No gradients provided for any variable" in symptoms("qat")


def test_load_without_the_scope_and_the_remedy(symptoms, tmp_path):
    network = api.quantize_model(small())
    network.save(tmp_path / "red.keras")
    with pytest.raises(TypeError) as caught:
        tf_keras.models.load_model(tmp_path / "red.keras")
    assert f"TypeError: {clean(caught.value)}" in symptoms("qat")
    network.save_weights(tmp_path / "pesos.weights.h5")
    again = api.quantize_model(small())
    again.load_weights(tmp_path / "pesos.weights.h5")
    x = np.ones((1, 4), np.float32)
    assert np.array_equal(network(x), again(x))


def test_optimizations_forgotten():
    network = api.quantize_model(small())
    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    details = runtime.interpreter(converter.convert()).get_tensor_details()
    assert any(np.issubdtype(detail["dtype"], np.floating) for detail in details)
