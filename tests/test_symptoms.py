"""Los síntomas literales de «Lo que suele fallar»: se provocan, y el texto de la tabla es el que sale."""

import nbformat
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from course import project
from ligero import convert
from ligero._tensorflow import tf


def symptoms(stem):
    path = next(path for path in project.notebooks() if path.stem == stem)
    cell = next(cell for cell in nbformat.read(path, as_version=4).cells if "| Síntoma |" in cell.source)
    return cell.source.replace("`", "")


def test_integer_quantization_without_data(network, tmp_path):
    network.export(tmp_path, verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with pytest.raises(ValueError) as caught:
        converter.convert()
    assert f"ValueError: {caught.value}".replace("`", "") in symptoms("cuantizacion-postentrenamiento")


def test_floats_into_an_integer_input(tflites):
    runner = Interpreter(model_content=tflites["int8"])
    runner.allocate_tensors()
    with pytest.raises(ValueError) as caught:
        runner.set_tensor(0, np.zeros((1, 8, 8, 1), np.float32))
    said = str(caught.value).split(",")[0]
    assert said in symptoms("cuantizacion-postentrenamiento"), caught.value


def test_converter_message_that_is_not_an_error(network, split, capfd):
    convert.convert(network, "int8", split.x_train[:2])
    assert "fully_quantize: 0, inference_type: 6" in capfd.readouterr().err
    assert "fully_quantize: 0, inference_type: 6" in symptoms("cuantizacion-postentrenamiento")


def test_threads_are_fixed_when_the_interpreter_is_made(tflites):
    with pytest.raises(ValueError) as zero:
        Interpreter(model_content=tflites["float32"], num_threads=0)
    with pytest.raises(AttributeError) as later:
        Interpreter(model_content=tflites["float32"]).set_num_threads(2)
    assert f"ValueError: {zero.value}" in symptoms("medir")
    assert f"AttributeError: {later.value}" in symptoms("medir")


def test_a_batch_into_an_interpreter_made_for_one(tflites):
    runner = Interpreter(model_content=tflites["float32"])
    runner.allocate_tensors()
    with pytest.raises(ValueError) as caught:
        runner.set_tensor(0, np.zeros((4, 8, 8, 1), np.float32))
    assert f"ValueError: {caught.value}".split(" Got")[0] in symptoms("medir")
