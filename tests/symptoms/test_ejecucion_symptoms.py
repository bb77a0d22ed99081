"""Los síntomas literales de `ejecucion`: se provocan, y el texto de la tabla es el que sale."""

import numpy as np
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter


@pytest.fixture(scope="module")
def session(onnx_path):
    with pytest.warns(UserWarning) as caught:
        session = onnxruntime.InferenceSession(
            onnx_path, providers=["TensorrtExecutionProvider", "CPUExecutionProvider"]
        )
    return session, str(caught[0].message)


def test_a_provider_that_is_not_there_only_warns(session, symptoms):
    opened, warning = session
    assert opened.get_providers() == ["CPUExecutionProvider"]
    assert f"UserWarning: {warning}".split("Available")[0] in symptoms("ejecucion")


def test_onnx_runtime_does_not_convert_the_input(session, symptoms):
    opened, _ = session
    name = opened.get_inputs()[0].name
    with pytest.raises(Exception, match="Unexpected input data type") as caught:
        opened.run(None, {name: np.zeros((1, 8, 8, 1))})
    assert str(caught.value).split("INVALID_ARGUMENT : ", 1)[-1] in symptoms("ejecucion")
    with pytest.raises(ValueError) as caught:
        opened.run(None, {"imagen": np.zeros((1, 8, 8, 1), np.float32)})
    assert str(caught.value).split(" (")[0] in symptoms("ejecucion")


def test_tensorrt_is_not_in_tensorflow(symptoms):
    from tensorflow.python.compiler.tensorrt import trt_convert

    with pytest.raises(RuntimeError) as caught:
        trt_convert.TrtGraphConverterV2(input_saved_model_dir="da igual")
    assert f"RuntimeError: {caught.value}" in symptoms("ejecucion")


def test_a_resized_interpreter_has_no_memory(tflites, symptoms):
    runner = Interpreter(model_content=tflites["float32"])
    runner.resize_tensor_input(runner.get_input_details()[0]["index"], (4, 8, 8, 1))
    with pytest.raises(ValueError) as caught:
        runner.set_tensor(runner.get_input_details()[0]["index"], np.zeros((4, 8, 8, 1), np.float32))
    assert f"ValueError: {caught.value}".replace("`", "") in symptoms("ejecucion")
