"""Los síntomas literales de «Lo que suele fallar»: se provocan, y el texto de la tabla es el que sale."""

import io
import re

import absl.logging
import nbformat
import numpy as np
import onnxruntime as ort
import pandas as pd
import pytest
import skops.io as sio
from ai_edge_litert.interpreter import Interpreter
from ai_edge_litert.tools import flatbuffer_utils as fb
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidProtobuf
from PIL import Image
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from course import project
from ligero import budget, convert, profiler, runtime
from ligero._tensorflow import keras, tf


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


def test_metrics_passed_in_the_place_of_loss_weights(network):
    twin = keras.models.clone_model(network)
    twin.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    with pytest.raises(ValueError) as caught:
        twin.fit(np.zeros((4, 8, 8, 1)), np.zeros(4), verbose=0)
    assert f"ValueError: {caught.value}" in symptoms("tf-data-imagenes")


@pytest.mark.parametrize("keep", [100, 0])
def test_damaged_jpeg_in_a_pipeline(keep):
    whole = tf.io.encode_jpeg(np.zeros((40, 40, 3), np.uint8)).numpy()
    dataset = tf.data.Dataset.from_tensors(whole[:keep]).map(tf.io.decode_jpeg)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        list(dataset)
    assert caught.value.message.splitlines()[0].split(": ")[-1] in symptoms("tf-data-imagenes")


def test_fit_warns_that_a_dataset_is_not_shuffled(network):
    twin = keras.models.clone_model(network)
    twin.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    dataset = tf.data.Dataset.from_tensors((np.zeros((4, 8, 8, 1)), np.zeros(4)))
    with pytest.warns(UserWarning) as caught:
        twin.fit(dataset, verbose=0)
    said = str(caught[0].message).replace("`", "").split(" since")[0]
    assert f"UserWarning: {said}" in symptoms("tf-data-imagenes")


def test_a_pass_left_halfway_is_not_cached():
    reads = []

    def read(value):
        reads.append(value)
        return value

    cached = tf.data.Dataset.range(6).map(lambda x: tf.numpy_function(read, [x], tf.int64)).cache()
    list(cached.take(3))
    list(cached)
    half = len(reads)
    list(cached)
    assert half > 6 and len(reads) == half


def test_a_global_seed_makes_random_ops_in_map_repeat_each_epoch():
    keras.utils.set_random_seed(0)
    dataset = tf.data.Dataset.range(5).map(lambda _: tf.random.uniform(()))
    assert list(dataset.as_numpy_iterator()) == list(dataset.as_numpy_iterator())
    assert "tf.random.uniform dentro de map vuelve a empezar" in symptoms("tf-data-imagenes")


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


def test_profiling_a_model_with_an_unknown_operator(tflites):
    graph = fb.read_model_from_bytearray(tflites["float32"])
    graph.operatorCodes.append(fb.OperatorCodeT(builtinCode=32, deprecatedBuiltinCode=32, customCode=b"Propio"))
    last = graph.subgraphs[0].operators[-1]
    last.opcodeIndex, last.builtinOptions, last.builtinOptionsType = len(graph.operatorCodes) - 1, None, 0
    with pytest.raises(ValueError, match=r"Encountered unresolved custom op: Propio\.") as caught:
        profiler.profile(bytes(fb.convert_object_to_bytearray(graph)))
    assert str(caught.value).startswith("LiteRT no puede")
    assert "Encountered unresolved custom op: Propio." in symptoms("medir")


def test_profiling_a_model_with_a_variable(tmp_path):
    module = tf.Module()
    module.total = tf.Variable(tf.zeros((1, 8)))
    step = tf.function(lambda x: module.total.assign_add(x) * 2, input_signature=[tf.TensorSpec((1, 8))])
    tf.saved_model.save(module, str(tmp_path), signatures=step.get_concrete_function())
    model = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path)).convert()
    notes = profiler.profile(model, rounds=1).operators["nota"]
    assert notes.str.contains("no se puede aislar: .* but expected type RESOURCE").any()
    assert "but expected type RESOURCE" in symptoms("medir")


def old_numpy_name(test):
    """Calla dos avisos de tf2onnx, que Keras usa por dentro y que habla con NumPy a la antigua."""
    for ignored in (
        "ignore:In the future `np.object`:FutureWarning",
        "ignore:__array__ implementation:DeprecationWarning",
    ):
        test = pytest.mark.filterwarnings(ignored)(test)
    return test


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("portabilidad") / "red.onnx"
    network.export(path, format="onnx", verbose=False)
    return path


def cpu_session(model):
    return ort.InferenceSession(model, providers=["CPUExecutionProvider"])


@old_numpy_name
@pytest.mark.parametrize("damage", [lambda whole: whole[: len(whole) // 2], lambda _: b"<html>404 Not Found</html>"])
def test_damaged_model_files(network, tflites, exported, tmp_path, damage):
    table = symptoms("portabilidad")
    network.save(tmp_path / "red.keras")
    for whole, name in (((tmp_path / "red.keras").read_bytes(), "mala.keras"), (exported.read_bytes(), "mala.onnx")):
        (tmp_path / name).write_bytes(damage(whole))
    with pytest.raises(ValueError) as caught:
        keras.models.load_model(tmp_path / "mala.keras")
    said = str(caught.value).replace("`", "").replace(str(tmp_path / "mala"), "…")
    assert said in table, caught.value
    with pytest.raises(InvalidProtobuf) as caught:
        cpu_session(tmp_path / "mala.onnx")
    said = str(caught.value).split(" : ", 2)[2].replace(str(tmp_path / "mala.onnx"), "…")
    assert said in table, caught.value
    with pytest.raises(ValueError) as caught:
        runtime.interpreter(damage(tflites["float32"]))
    said = str(caught.value).replace("`", "").removeprefix("LiteRT no puede preparar model: ")
    assert re.split(r"\. (?:Si|Comprueba)", said)[0] in table, said


@old_numpy_name
def test_wrong_type_and_rank_into_onnxruntime(exported):
    session = cpu_session(exported)
    name = session.get_inputs()[0].name
    with pytest.raises(InvalidArgument) as caught:
        session.run(None, {name: np.zeros((1, 8, 8, 1))})
    assert str(caught.value).split(" : ", 3)[3] in symptoms("portabilidad")
    with pytest.raises(InvalidArgument) as caught:
        session.run(None, {name: np.zeros((8, 8, 1), np.float32)})
    said = str(caught.value).split(" : ", 3)[3].replace(name, "…").split(" Please")[0]
    assert said in symptoms("portabilidad"), caught.value


def test_missing_feature_and_unknown_category():
    homes = pd.DataFrame({"barrio": ["centro", "puerto"] * 3, "metros": np.arange(6.0)})
    encode = make_column_transformer((OneHotEncoder(), ["barrio"]), remainder="passthrough")
    fitted = make_pipeline(encode, LinearRegression()).fit(homes, homes["metros"])
    signature = [("barrio", StringTensorType([None, 1])), ("metros", FloatTensorType([None, 1]))]
    ort.set_default_logger_severity(4)
    session = cpu_session(to_onnx(fitted, initial_types=signature, target_opset=17).SerializeToString())
    size = np.ones((1, 1), np.float32)
    with pytest.raises(ValueError) as caught:
        session.run(None, {"metros": size})
    assert str(caught.value) in symptoms("portabilidad")
    with pytest.raises(Fail) as caught:
        session.run(None, {"barrio": np.array([["playa"]]), "metros": size})
    assert str(caught.value).split("Status Message: ")[1] in symptoms("portabilidad")


@old_numpy_name
def test_adapted_normalization_loses_its_constants_in_onnx(tmp_path):
    layer = keras.layers.Normalization()
    layer.adapt(np.random.default_rng(0).normal(size=(20, 3)))
    model = keras.Sequential([keras.layers.Input((3,)), layer, keras.layers.Dense(1)])
    with pytest.raises(ValueError) as caught:
        model.export(tmp_path / "nueva.onnx", format="onnx", verbose=False)
    assert str(caught.value).strip() in symptoms("portabilidad")
    model(np.zeros((1, 3), np.float32))
    model.export(tmp_path / "red.onnx", format="onnx", verbose=False)
    session = cpu_session(tmp_path / "red.onnx")
    with pytest.raises(ValueError) as caught:
        session.run(None, {session.get_inputs()[0].name: np.zeros((1, 3), np.float32)})
    said = re.sub(r"'[^']*/(S\w+/\w:0)'", r"'…/\1'", str(caught.value)).split(" ([")[0:2]
    assert " ([".join(said) in symptoms("portabilidad"), caught.value


@pytest.mark.parametrize("name", ["lambda.keras", "lambda.h5"])
def test_a_lambda_layer_is_refused(tmp_path, name):
    absl.logging.set_verbosity("error")
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Lambda(lambda a: 2 * a)])
    model.save(tmp_path / name)
    with pytest.raises(ValueError) as caught:
        keras.models.load_model(tmp_path / name)
    assert str(caught.value).replace("`", "").split(" This carries")[0] in symptoms("portabilidad")


class Stranger:
    """Un tipo que skops no conoce."""


def test_skops_refuses_what_it_does_not_know(tmp_path):
    sio.dump(Stranger(), tmp_path / "ajeno.skops")
    with pytest.raises(sio.exceptions.UntrustedTypesFoundException) as caught:
        sio.load(tmp_path / "ajeno.skops")
    assert re.sub(r"'[\w.]+'", "'__main__.Harmless'", str(caught.value)) in symptoms("portabilidad")
