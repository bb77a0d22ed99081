"""Los síntomas literales de `medir`: se provocan, y el texto de la tabla es el que sale."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from ai_edge_litert.tools import flatbuffer_utils as fb

from ligero._tensorflow import tf
from ligero.inspection import profiler


def test_threads_are_fixed_when_the_interpreter_is_made(tflites, symptoms):
    with pytest.raises(ValueError) as zero:
        Interpreter(model_content=tflites["float32"], num_threads=0)
    with pytest.raises(AttributeError) as later:
        Interpreter(model_content=tflites["float32"]).set_num_threads(2)
    assert f"ValueError: {zero.value}" in symptoms("medir")
    assert f"AttributeError: {later.value}" in symptoms("medir")


def test_a_batch_into_an_interpreter_made_for_one(tflites, symptoms):
    runner = Interpreter(model_content=tflites["float32"])
    runner.allocate_tensors()
    with pytest.raises(ValueError) as caught:
        runner.set_tensor(0, np.zeros((4, 8, 8, 1), np.float32))
    assert f"ValueError: {caught.value}".split(" Got")[0] in symptoms("medir")


def test_profiling_a_model_with_an_unknown_operator(tflites, symptoms):
    graph = fb.read_model_from_bytearray(tflites["float32"])
    graph.operatorCodes.append(fb.OperatorCodeT(builtinCode=32, deprecatedBuiltinCode=32, customCode=b"Propio"))
    last = graph.subgraphs[0].operators[-1]
    last.opcodeIndex, last.builtinOptions, last.builtinOptionsType = len(graph.operatorCodes) - 1, None, 0
    with pytest.raises(ValueError, match=r"Encountered unresolved custom op: Propio\.") as caught:
        profiler.profile(bytes(fb.convert_object_to_bytearray(graph)))
    assert str(caught.value).startswith("LiteRT no puede")
    assert "Encountered unresolved custom op: Propio." in symptoms("medir")


def test_profiling_a_model_with_a_variable(tmp_path, symptoms):
    module = tf.Module()
    module.total = tf.Variable(tf.zeros((1, 8)))
    step = tf.function(lambda x: module.total.assign_add(x) * 2, input_signature=[tf.TensorSpec((1, 8))])
    tf.saved_model.save(module, str(tmp_path), signatures=step.get_concrete_function())
    model = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path)).convert()
    notes = profiler.profile(model, rounds=1).operators["nota"]
    assert notes.str.contains("no se puede aislar: .* but expected type RESOURCE").any()
    assert "but expected type RESOURCE" in symptoms("medir")
