"""Los síntomas literales de `cuantizacion-postentrenamiento`: se provocan, y el texto de la tabla es el que sale."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from ligero import convert
from ligero._tensorflow import tf


def test_integer_quantization_without_data(network, tmp_path, symptoms):
    network.export(tmp_path, verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with pytest.raises(ValueError) as caught:
        converter.convert()
    assert f"ValueError: {caught.value}".replace("`", "") in symptoms("cuantizacion-postentrenamiento")


def test_floats_into_an_integer_input(tflites, symptoms):
    runner = Interpreter(model_content=tflites["int8"])
    runner.allocate_tensors()
    with pytest.raises(ValueError) as caught:
        runner.set_tensor(0, np.zeros((1, 8, 8, 1), np.float32))
    said = str(caught.value).split(",")[0]
    assert said in symptoms("cuantizacion-postentrenamiento"), caught.value


def test_converter_message_that_is_not_an_error(network, split, capfd, symptoms):
    convert.convert(network, "int8", split.x_train[:2])
    assert "fully_quantize: 0, inference_type: 6" in capfd.readouterr().err
    assert "fully_quantize: 0, inference_type: 6" in symptoms("cuantizacion-postentrenamiento")
