"""Los síntomas literales de `cuantizacion-depurar`: se provocan, y el texto de la tabla es el que sale."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from ligero import convert
from ligero._tensorflow import tf

PAGE = "cuantizacion-depurar"
Debugger = tf.lite.experimental.QuantizationDebugger
Options = tf.lite.experimental.QuantizationDebugOptions
pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")


@pytest.fixture(scope="module")
def samples(split):
    return convert.representative_dataset(split.x_train[:4])


@pytest.fixture
def converter(network, samples, tmp_path):
    network.export(tmp_path, verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    return converter


def said(caught):
    return f"{caught.type.__name__}: {caught.value}"


def test_converter_without_optimizations(converter, samples, symptoms):
    converter.optimizations = []
    with pytest.raises(ValueError) as caught:
        Debugger(converter=converter, debug_dataset=samples)
    assert said(caught) in symptoms(PAGE)


def test_plain_model_instead_of_a_debug_one(tflites, samples, symptoms):
    with pytest.raises(ValueError) as caught:
        Debugger(quant_debug_model_content=tflites["int8"], debug_dataset=samples)
    assert said(caught) in symptoms(PAGE)


def test_generator_instead_of_a_function(converter, samples, symptoms):
    debugger = Debugger(converter=converter, debug_dataset=samples())
    with pytest.raises(TypeError) as caught:
        debugger.run()
    assert said(caught) in symptoms(PAGE)


def test_repeated_metric_name(symptoms):
    with pytest.raises(ValueError) as caught:
        Options(layer_debug_metrics={"error": np.std}, model_debug_metrics={"error": max})
    assert said(caught) in symptoms(PAGE)


def test_unknown_name_is_ignored_and_options_erase_the_statistics(converter, samples, symptoms):
    debugger = Debugger(converter=converter, debug_dataset=samples)
    debugger.run()
    before = debugger.get_nondebug_quantized_model()
    debugger.options = Options(denylisted_nodes=["dense"])
    assert debugger.get_nondebug_quantized_model() == before
    assert "sale idéntico byte a byte" in symptoms(PAGE)
    with pytest.raises(AttributeError) as caught:
        debugger.layer_statistics.items()
    assert said(caught) in symptoms(PAGE)


def test_converter_stays_in_calibration_mode_and_input_type_is_forgotten(converter, samples, symptoms):
    converter.inference_input_type = tf.int8
    plain = len(converter.convert())
    debugger = Debugger(converter=converter, debug_dataset=samples)
    assert len(converter.convert()) > plain
    assert "devuelve un modelo mayor que antes" in symptoms(PAGE)
    details = Interpreter(model_content=debugger.get_nondebug_quantized_model()).get_input_details()
    assert details[0]["dtype"] is np.float32
    assert "es float32 aunque pediste int8" in symptoms(PAGE)
    debugger.options = Options(fully_quantize=True)
    details = Interpreter(model_content=debugger.get_nondebug_quantized_model()).get_input_details()
    assert details[0]["dtype"] is np.int8


@pytest.mark.filterwarnings("default:.*tf.lite.Interpreter is deprecated")
def test_the_old_interpreter_warns(tflites, symptoms):
    with pytest.warns(UserWarning) as caught:
        tf.lite.Interpreter(model_content=tflites["int8"])
    line = " ".join(str(caught[0].message).split()).split(" in TF", 1)
    assert len(line) == 2, line
    assert line[0] in symptoms(PAGE)
