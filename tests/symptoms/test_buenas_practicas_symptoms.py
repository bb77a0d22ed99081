"""Los síntomas literales de `buenas-practicas`: se provocan, y el texto de la tabla es el que sale."""

import numpy as np
import pytest
from ai_edge_litert.compiled_model import CompiledModel
from ai_edge_litert.interpreter import Interpreter

from ligero._tensorflow import keras


def test_a_kept_view_stops_the_interpreter(tflites, symptoms):
    runner = Interpreter(model_content=tflites["float32"])
    runner.allocate_tensors()
    view = runner.tensor(runner.get_input_details()[0]["index"])()
    with pytest.raises(RuntimeError) as caught:
        runner.invoke()
    assert view.size
    said = " ".join(str(caught.value).split()).split(" in the interpreter", 1)[0]
    assert f"RuntimeError: {said}" in symptoms("buenas-practicas")


def test_doubles_into_each_kind_of_input(tflites, symptoms):
    runner = Interpreter(model_content=tflites["float32"])
    runner.allocate_tensors()
    image = np.zeros((1, 8, 8, 1))
    with pytest.raises(ValueError) as caught:
        runner.set_tensor(runner.get_input_details()[0]["index"], image)
    assert str(caught.value).split(",")[0] in symptoms("buenas-practicas")
    compiled = CompiledModel.from_buffer(tflites["float32"])
    with pytest.raises(ValueError) as caught:
        compiled.create_input_buffers(0)[0].write(image)
    assert f"ValueError: {caught.value}" in symptoms("buenas-practicas")


def test_a_width_without_published_weights(symptoms):
    with pytest.raises(ValueError) as caught:
        keras.applications.MobileNet(weights="imagenet", alpha=0.3)
    said = str(caught.value).split("  Received")[0].replace("`", "")
    assert f"ValueError: {said}" in symptoms("buenas-practicas")
