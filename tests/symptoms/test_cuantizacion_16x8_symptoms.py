"""Los síntomas literales de `cuantizacion-16x8`: se provocan, y el texto de la tabla es el que sale."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from ligero import convert, runtime
from ligero._tensorflow import keras, tf

PAGE = "cuantizacion-16x8"


def converter(folder, *layers, data=True):
    network = keras.Sequential([keras.layers.Input((8,)), *layers])
    network.export(folder, verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    ops = tf.lite.OpsSet
    converter.target_spec.supported_ops = [ops.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8]
    if data:
        x = np.random.default_rng(0).random((20, 8), dtype=np.float32)
        converter.representative_dataset = convert.representative_dataset(x)
    return converter


def test_an_operator_without_a_16x8_version(tmp_path, symptoms):
    with pytest.raises(RuntimeError) as caught:
        converter(tmp_path, keras.layers.Dense(4, activation="elu")).convert()
    assert f"RuntimeError: {str(caught.value).strip()}" in symptoms(PAGE)


def test_with_float_operators_allowed_elu_converts(tmp_path):
    job = converter(tmp_path, keras.layers.Dense(4, activation="elu"), keras.layers.Dense(2))
    job.target_spec.supported_ops.append(tf.lite.OpsSet.TFLITE_BUILTINS)
    runtime.predict(job.convert(), np.zeros((1, 8), np.float32))


def test_a_layer_that_converts_and_does_not_run(tmp_path, symptoms):
    job = converter(tmp_path, keras.layers.Dense(8), keras.layers.LayerNormalization())
    job.target_spec.supported_ops.append(tf.lite.OpsSet.TFLITE_BUILTINS)
    runner = Interpreter(model_content=job.convert())
    with pytest.raises(RuntimeError) as caught:
        runner.allocate_tensors()
        runner.invoke()
    said = str(caught.value).split("Node", 1)[0]
    assert "SquaredDifference" in said and said in symptoms(PAGE), caught.value


def test_random_weights_that_do_not_allocate(symptoms):
    network = keras.applications.MobileNet(weights=None, input_shape=(96, 96, 3))
    x = np.random.default_rng(0).uniform(-1, 1, (2, 96, 96, 3))
    with pytest.raises(ValueError) as caught:
        runtime.interpreter(convert.convert(network, "int16x8", x))
    said = str(caught.value).split("kernel_util.cc:", 1)[-1].split(" ", 1)[-1].split("Node", 1)[0].rstrip(".")
    assert "overflow" in said and said in symptoms(PAGE), caught.value


def test_int8_at_the_ends(tmp_path, symptoms):
    job = converter(tmp_path, keras.layers.Dense(4))
    job.inference_input_type = job.inference_output_type = tf.int8
    with pytest.raises(ValueError) as caught:
        job.convert()
    assert str(caught.value) in symptoms(PAGE)


def test_without_data_there_is_no_error_and_no_int16(tmp_path, symptoms):
    model = converter(tmp_path, keras.layers.Dense(4), data=False).convert()
    types = {tensor["dtype"] for tensor in Interpreter(model_content=model).get_tensor_details()}
    assert np.int16 not in types
    assert "Convierte sin error y no hay ningún tensor int16" in symptoms(PAGE)
