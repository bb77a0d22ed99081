"""Los síntomas literales de `litert`: se provocan, y el texto de la tabla es el que sale."""

import warnings

import keras
import numpy as np
import pytest
from ai_edge_litert.compiled_model import CompiledModel
from ai_edge_quantizer import qtyping, quantizer, recipe

from ligero import runtime
from ligero._tensorflow import ConverterError, tf


def quantize(model, rules):
    return bytes(quantizer.Quantizer(model, rules).quantize(enable_progress_report=False).quantized_model)


def test_the_old_interpreter_warns(tflites, symptoms):
    with pytest.warns(UserWarning) as caught:
        tf.lite.Interpreter(model_content=tflites["float32"])
    said = " ".join(str(caught[0].message).split()).split(" Please", 1)
    assert len(said) == 2 and f"UserWarning: {said[0]}" in symptoms("litert")


def test_the_old_package_is_not_there(symptoms):
    with pytest.raises(ModuleNotFoundError) as caught:
        import tflite_runtime  # noqa: F401
    assert f"ModuleNotFoundError: {caught.value}" in symptoms("litert")


def test_a_model_quantized_by_keras_is_not_exported(network, tmp_path, symptoms):
    clone = keras.models.clone_model(network)
    clone.set_weights(network.get_weights())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clone.quantize("int8")
    with pytest.raises(ConverterError) as caught:
        clone.export(str(tmp_path / "red.tflite"), format="litert", verbose=False)
    said = str(caught.value).split("'tfl.", 1)[-1].split(", but got", 1)
    assert len(said) == 2 and f"'tfl.{said[0]}" in symptoms("litert")


def test_the_extension_is_compulsory(network, tmp_path, symptoms):
    with pytest.raises(ValueError) as caught:
        network.export(str(tmp_path / "red"), format="litert", verbose=False)
    said = str(caught.value).split(" Got", 1)
    assert len(said) == 2 and f"ValueError: {said[0]}" in symptoms("litert")


def test_a_static_recipe_needs_calibration(tflites, symptoms):
    with pytest.raises(RuntimeError) as caught:
        quantize(tflites["float32"], recipe.static_wi8_ai8())
    said = str(caught.value).split(" This can", 1)
    assert len(said) == 2 and f"RuntimeError: {said[0]}" in symptoms("litert")


def test_an_empty_recipe_is_refused(tflites, symptoms):
    with pytest.raises(RuntimeError) as caught:
        quantize(tflites["float32"], [])
    assert f"RuntimeError: {caught.value}" in symptoms("litert")


def test_a_quantized_model_is_left_as_it_was(tflites, symptoms):
    with pytest.warns(UserWarning) as caught:
        again = quantize(tflites["int8"], recipe.dynamic_wi4_afp32())
    said = str(caught[0].message).split(" Proceeding", 1)
    assert len(said) == 2 and f"UserWarning: {said[0]}" in symptoms("litert")
    assert len(again) > 0.95 * len(tflites["int8"])


def test_a_rule_that_matches_nothing_says_nothing(tflites, symptoms):
    again = quantize(tflites["float32"], recipe.dynamic_wi4c_afp32(regex="^no existe;$"))
    assert len(again) > 0.95 * len(tflites["float32"])
    assert "La receta termina sin error y el fichero pesa lo mismo" in symptoms("litert")


def test_two_bits_in_a_convolution_answer_always_zero(tflites, split, symptoms):
    rules = recipe.dynamic_wi2c_afp32(operation_name=qtyping.TFLOperationName.CONV_2D)
    outputs = runtime.predict(quantize(tflites["float32"], rules), split.x_test[:20])
    assert np.isnan(outputs).all() and (outputs.argmax(axis=1) == 0).all()
    assert "El modelo responde siempre la clase 0" in symptoms("litert")


def test_the_messages_of_a_compiled_model(tflites, capfd, symptoms):
    CompiledModel.from_buffer(tflites["float32"])
    said, table = capfd.readouterr().err, symptoms("litert")
    for text in ("RegisterAccelerator", "Failed to load plugin"):
        assert text in said and text in table
