"""Los síntomas literales de «Lo que suele fallar»: se provocan, y el texto de la tabla es el que sale."""

import io
import warnings

import nbformat
import numpy as np
import onnxruntime
import pytest
from ai_edge_litert.compiled_model import CompiledModel
from ai_edge_litert.interpreter import Interpreter
from ai_edge_litert.tools import flatbuffer_utils as fb
from PIL import Image

from course import project
from ligero import budget, convert, profiler
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


@pytest.fixture(scope="module")
def session(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "red.onnx"
    with warnings.catch_warnings():  # tf2onnx pregunta por un nombre antiguo de NumPy
        warnings.simplefilter("ignore", FutureWarning)
        network.export(path, format="onnx", verbose=False)
    with pytest.warns(UserWarning) as caught:
        session = onnxruntime.InferenceSession(path, providers=["TensorrtExecutionProvider", "CPUExecutionProvider"])
    return session, str(caught[0].message)


def test_a_provider_that_is_not_there_only_warns(session):
    opened, warning = session
    assert opened.get_providers() == ["CPUExecutionProvider"]
    assert f"UserWarning: {warning}".split("Available")[0] in symptoms("ejecucion")


def test_onnx_runtime_does_not_convert_the_input(session):
    opened, _ = session
    name = opened.get_inputs()[0].name
    with pytest.raises(Exception, match="Unexpected input data type") as caught:
        opened.run(None, {name: np.zeros((1, 8, 8, 1))})
    assert str(caught.value).partition("INVALID_ARGUMENT : ")[2] in symptoms("ejecucion")
    with pytest.raises(ValueError) as caught:
        opened.run(None, {"imagen": np.zeros((1, 8, 8, 1), np.float32)})
    assert str(caught.value).split(" (")[0] in symptoms("ejecucion")


def test_tensorrt_is_not_in_tensorflow():
    from tensorflow.python.compiler.tensorrt import trt_convert

    with pytest.raises(RuntimeError) as caught:
        trt_convert.TrtGraphConverterV2(input_saved_model_dir="da igual")
    assert f"RuntimeError: {caught.value}" in symptoms("ejecucion")


def test_a_resized_interpreter_has_no_memory(tflites):
    runner = Interpreter(model_content=tflites["float32"])
    runner.resize_tensor_input(runner.get_input_details()[0]["index"], (4, 8, 8, 1))
    with pytest.raises(ValueError) as caught:
        runner.set_tensor(runner.get_input_details()[0]["index"], np.zeros((4, 8, 8, 1), np.float32))
    assert f"ValueError: {caught.value}".replace("`", "") in symptoms("ejecucion")


def test_a_kept_view_stops_the_interpreter(tflites):
    runner = Interpreter(model_content=tflites["float32"])
    runner.allocate_tensors()
    view = runner.tensor(runner.get_input_details()[0]["index"])()
    with pytest.raises(RuntimeError) as caught:
        runner.invoke()
    assert view.size
    said = " ".join(str(caught.value).split()).split(" in the interpreter")[0]
    assert f"RuntimeError: {said}" in symptoms("buenas-practicas")


def test_doubles_into_each_kind_of_input(tflites):
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


def test_a_width_without_published_weights():
    with pytest.raises(ValueError) as caught:
        keras.applications.MobileNet(weights="imagenet", alpha=0.3)
    said = str(caught.value).split("  Received")[0].replace("`", "")
    assert f"ValueError: {said}" in symptoms("buenas-practicas")
