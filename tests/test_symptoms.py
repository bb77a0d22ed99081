"""Los síntomas literales de «Lo que suele fallar»: se provocan, y el texto de la tabla es el que sale."""

import io

import nbformat
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from course import project
from ligero import budget, convert
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


def test_nothing_is_left_for_the_model():
    with pytest.raises(ValueError) as caught:
        budget.budget(deadline_ms=100, other_ms=120)
    assert f"ValueError: {caught.value}".split(" Alarga")[0] in symptoms("rendimiento")


def test_draft_does_not_give_the_size_it_is_asked_for():
    buffer = io.BytesIO()
    Image.new("RGB", (960, 720)).save(buffer, "JPEG")
    image = Image.open(buffer)
    image.draft("RGB", (128, 128))
    assert "Con draft((128, 128)) llega una imagen de {}×{}".format(*image.size) in symptoms("rendimiento")
