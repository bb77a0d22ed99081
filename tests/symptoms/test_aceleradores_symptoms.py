"""Los síntomas literales de `aceleradores`: se provocan, y el texto de la tabla es el que sale."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, InterpreterWithCustomOps, load_delegate

from ligero._tensorflow import tf

TABLE = "aceleradores"


@pytest.fixture(scope="module")
def with_erf():
    """Una red con la función error, convertida de dos maneras: como operador propio y con Flex."""
    weights = tf.constant(np.ones((8, 4)), tf.float32)
    function = tf.function(lambda v: tf.math.erf(v @ weights))
    concrete = function.get_concrete_function(tf.TensorSpec((1, 8), tf.float32))
    own = tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module())
    own.allow_custom_ops = True
    flex = tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module())
    flex.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    return {"own": own.convert(), "flex": flex.convert()}


def test_a_custom_operator_is_not_resolved(with_erf, symptoms):
    with pytest.raises(RuntimeError) as caught:
        Interpreter(model_content=with_erf["own"]).allocate_tensors()
    said = str(caught.value).split("\nSee", 1)
    assert len(said) == 2 and f"RuntimeError: {said[0]}" in symptoms(TABLE)


def test_flex_is_not_included(with_erf, symptoms):
    with pytest.raises(RuntimeError) as caught:
        Interpreter(model_content=with_erf["flex"]).allocate_tensors()
    said = str(caught.value).split(" Make sure", 1)
    assert len(said) == 2 and f"RuntimeError: {said[0]}" in symptoms(TABLE)


def test_a_registerer_that_is_not_loaded(with_erf, symptoms):
    with pytest.raises(ValueError) as caught:
        InterpreterWithCustomOps(model_content=with_erf["own"], custom_op_registerers=["RegisterErf"])
    said = str(caught.value).split(".so: ", 1)
    assert len(said) == 2 and said[1].rstrip("'.") in symptoms(TABLE)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_delegate_that_is_not_installed(symptoms, monkeypatch):
    echoes = []
    monkeypatch.setattr("sys.unraisablehook", lambda event: echoes.append(event.exc_value))
    with pytest.raises(OSError) as caught:
        load_delegate("libedgetpu.so.1")
    assert f"OSError: {caught.value}" in symptoms(TABLE)
    caught = None  # el objeto a medio crear vive en la traza
    assert all(f"AttributeError: {echo}" in symptoms(TABLE) for echo in echoes)
