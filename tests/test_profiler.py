import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.tools import flatbuffer_utils as fb

from ligero import convert, measure, models, parallel, runtime
from ligero.inspection import profiler, roofline

CHAIN = [
    *("CONV_2D", "CONV_2D", "MAX_POOL_2D", "SHAPE", "STRIDED_SLICE"),
    *("PACK", "RESHAPE", "FULLY_CONNECTED", "FULLY_CONNECTED"),
]


@pytest.fixture(scope="module")
def mobilenets():
    network = keras.applications.MobileNet(weights=None)
    x = np.random.default_rng(0).uniform(-1, 1, (2, 224, 224, 3)).astype(np.float32)
    return {s: convert.convert(network, s, x if s == "int8" else None) for s in ("float32", "int8")}


def from_function(function, *specs):
    concrete = tf.function(function, input_signature=specs).get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()


def explained(model):
    """Mediana de tres perfiles: uno suelto puede caer entero en un rato ocupado."""
    return float(np.median([profiler.profile(model, rounds=40).explained for _ in range(3)]))


@pytest.mark.parametrize("scheme", convert.SCHEMES)
def test_every_operator_has_a_row_in_graph_order(tflites, scheme):
    rows = profiler.profile(tflites[scheme], rounds=3).operators
    folded = rows["nota"].str.contains("solo lee constantes")
    # 16x8 entra y sale en float32: un operador cuantiza al principio y otro decuantiza al final.
    around = (["QUANTIZE"], ["DEQUANTIZE"]) if scheme == "int16x8" else ([], [])
    assert list(rows[~folded]["operador"]) == [*around[0], *CHAIN, *around[1]]
    assert list(rows["indice"]) == list(range(len(rows)))
    assert (
        rows[~folded]["ms"].notna().all() and (rows[~folded]["ms"] >= 0).all() and (rows[~folded]["nota"] == "").all()
    )
    assert rows[folded]["ms"].isna().all() and (rows[folded]["operador"] == "DEQUANTIZE").all()
    assert folded.any() == (scheme == "float16")
    assert rows["fraccion"].sum() == pytest.approx(1)
    assert rows["salida"].iloc[-1] == "(1, 10)"


@pytest.mark.parametrize("scheme", convert.SCHEMES)
def test_chaining_the_isolated_operators_computes_what_the_network_computes(tflites, scheme):
    graph, values = profiler.read(tflites[scheme]), profiler.run(tflites[scheme])
    for index, operator in enumerate(graph.subgraphs[0].operators):
        if index in profiler.constant_producers(graph):
            continue
        runner = runtime.interpreter(profiler.isolate(graph, index, values))
        for detail in runner.get_input_details():
            runner.set_tensor(detail["index"], values[detail["index"]])
        runner.invoke()
        got, want = runner.get_tensor(operator.outputs[0]), values[operator.outputs[0]]
        # XNNPACK puede redondear un código distinto que los núcleos de referencia.
        tolerance = 1 if np.issubdtype(want.dtype, np.integer) else 1e-3 + 2e-2 * np.abs(want).max()
        assert np.abs(got.astype(float) - want).max() <= tolerance, profiler.name(graph, operator)


def test_an_isolated_float16_layer_keeps_its_weights_constant(tflites):
    graph = profiler.read(tflites["float16"])
    names = [profiler.name(graph, operator) for operator in graph.subgraphs[0].operators]
    alone = fb.read_model_from_bytearray(profiler.isolate(graph, names.index("CONV_2D"))).subgraphs[0]
    assert len(alone.inputs) == 1  # la imagen: ni los pesos ni el sesgo se han vuelto entradas
    assert len(alone.operators) == 3  # DEQUANTIZE de los pesos, DEQUANTIZE del sesgo y la convolución


def test_an_isolated_model_does_not_carry_the_weights_of_the_others(tflites):
    graph = profiler.read(tflites["float32"])
    pool = CHAIN.index("MAX_POOL_2D")
    assert len(profiler.isolate(graph, pool)) < 5000 < len(tflites["float32"])


@pytest.mark.parametrize("scheme", ["float32", "int8"])
def test_the_sum_explains_the_whole_on_mobilenet(mobilenets, scheme):
    assert 0.8 <= explained(mobilenets[scheme]) <= 1.2


@pytest.mark.parametrize("scheme", convert.SCHEMES)
def test_the_sum_explains_the_whole_on_the_networks_of_the_course(scheme):
    x = np.random.default_rng(0).random((20, 8, 8, 1))
    network = convert.convert(models.digits_cnn(), scheme, x if scheme.startswith("int") else None)
    assert 0.8 <= explained(network) <= 1.2


def test_the_whole_agrees_with_litert_benchmark(mobilenets, tmp_path):
    path, own, official, free = tmp_path / "m.tflite", [], [], []
    path.write_bytes(mobilenets["float32"])
    for turn in range(5):  # el ruido solo suma: se comparan las inferencias más rápidas de las dos herramientas
        report = tmp_path / f"{turn}.json"
        tool = [sys.executable, "-m", "ai_edge_litert.tools.benchmark_litert_model", "--num_threads", "1"]
        command = [*tool, "--model", path, "--num_runs", "40", "--result_json", report]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
        official.append(json.loads(report.read_text())["latency"]["min_ms"])
        own.append(measure.latency({"m": mobilenets["float32"]}, rounds=40)["m"].min())
        free.append(parallel.cpu_scaling())
    if max(free) < 1.5:
        pytest.skip("no había ningún núcleo libre: ni la inferencia más rápida de cada herramienta es comparable")
    assert 0.85 <= min(own) / min(official) <= 1.15


def test_mobilenet_does_the_published_number_of_operations(mobilenets):
    # Howard et al. (2017), tabla 4: 569 millones de multiplicaciones con suma; cuentan convoluciones y capa densa.
    for scheme, model in mobilenets.items():
        table = roofline.operations(model)
        layers = table[table["operador"].isin(["CONV_2D", "DEPTHWISE_CONV_2D"])]
        assert layers["operaciones"].sum() / 2e6 == pytest.approx(568.7, abs=0.1), scheme
        assert (table["nota"] == "").all()


def test_operations_and_bytes_by_hand(tflites):
    table = roofline.operations(tflites["float32"]).set_index("operador")
    dense = table.loc["FULLY_CONNECTED"].iloc[-1]  # 32 → 10
    assert dense["operaciones"] == 2 * 32 * 10
    assert dense["bytes"] == 4 * (32 + 32 * 10 + 10 + 10)
    assert dense["intensidad"] == dense["operaciones"] / dense["bytes"]
    assert table.loc["MAX_POOL_2D", "operaciones"] == 4 * 4 * 16 * 2 * 2
    int8 = roofline.operations(tflites["int8"]).set_index("operador").loc["FULLY_CONNECTED"].iloc[-1]
    assert int8["bytes"] == 32 + 32 * 10 + 4 * 10 + 10  # el sesgo va en 32 bits


def test_transposed_convolution_counts_what_the_direct_one_does():
    network = keras.Sequential([keras.layers.Input((4, 4, 3)), keras.layers.Conv2DTranspose(5, 2, 2, use_bias=False)])
    table = roofline.operations(convert.convert(network, "float32")).set_index("operador")
    assert table.loc["TRANSPOSE_CONV", "operaciones"] == 2 * (4 * 4 * 3) * 2 * 2 * 5


def test_peaks_make_a_roof():
    peaks = roofline.Peaks(gflops=100, gbs=20)
    assert peaks.ridge == 5
    assert list(peaks.roof(np.array([1, 5, 50]))) == [20, 100, 100]


def test_a_second_thread_does_not_lower_the_measured_peak():
    one = roofline.machine_peaks(1, size=512, megabytes=8)
    assert one.gflops > 1 and one.gbs > 1
    assert roofline.machine_peaks(2, size=512, megabytes=8).gflops > 0.5 * one.gflops


@pytest.mark.parametrize("argument", ["threads", "size", "megabytes", "repeats"])
def test_peaks_reject_what_is_not_a_count(argument):
    with pytest.raises(ValueError, match=f"`{argument}`"):
        roofline.machine_peaks(**{argument: 0})


def test_control_flow_is_timed_with_its_subgraphs_and_says_so():
    def loop(x):
        return tf.while_loop(lambda i, _: i < 5, lambda i, y: (i + 1, tf.tanh(y)), (0, x))[1]

    model = from_function(loop, tf.TensorSpec((1, 32)))
    rows = profiler.profile(model, rounds=3).operators
    assert list(rows["operador"]) == ["WHILE"] and rows["ms"].notna().all()
    assert rows["nota"].iloc[0] == "incluye lo que ejecutan sus subgrafos"
    assert roofline.operations(model)["nota"].iloc[0] == "no sé contar las operaciones de WHILE"


def test_shapes_known_only_at_run_time_are_those_of_the_run():
    model = from_function(lambda x: tf.boolean_mask(x, x > 0) * 2, tf.TensorSpec((64,)))
    rows = profiler.profile(model, rounds=3).operators
    survivors = int((np.random.default_rng(0).uniform(-1, 1, 64) > 0).sum())
    assert rows.set_index("operador").loc["GATHER", "salida"] == f"({survivors},)"
    assert rows["ms"].notna().all()


class Counter(tf.Module):
    def __init__(self):
        self.total = tf.Variable(tf.zeros((1, 8)))

    @tf.function(input_signature=[tf.TensorSpec((1, 8))])
    def step(self, x):
        self.total.assign_add(x)
        return tf.tanh(self.total.read_value())

    @tf.function(input_signature=[tf.TensorSpec((1, 8))])
    def double(self, x):
        return x * 2


def saved(folder, *signatures):
    module = Counter()
    tf.saved_model.save(module, str(folder), signatures={name: getattr(module, name) for name in signatures})
    return tf.lite.TFLiteConverter.from_saved_model(str(folder)).convert()


def test_operators_on_resources_cannot_be_isolated_and_say_so(tmp_path):
    model = saved(tmp_path, "step")
    rows = profiler.profile(model, rounds=3).operators.set_index("operador")
    assert rows.loc["READ_VARIABLE", "ms"].isna().all()
    assert rows.loc["READ_VARIABLE", "nota"].str.contains("no se puede aislar: .*RESOURCE").all()
    assert rows.loc["TANH", "nota"] == "" and rows.loc["TANH", "ms"] >= 0
    assert len(roofline.operations(model)) == len(rows)


def test_several_signatures(tmp_path):
    with pytest.raises(ValueError, match=r"varias firmas \(double, step\)"):
        profiler.profile(saved(tmp_path, "step", "double"))


def custom(model):
    """El mismo modelo, con su última capa convertida en un operador que nadie ha registrado."""
    graph = fb.read_model_from_bytearray(model)
    last = graph.subgraphs[0].operators[-1]
    graph.operatorCodes.append(fb.OperatorCodeT(builtinCode=32, deprecatedBuiltinCode=32, customCode=b"Propio"))
    last.opcodeIndex, last.builtinOptions, last.builtinOptionsType = len(graph.operatorCodes) - 1, None, 0
    return bytes(fb.convert_object_to_bytearray(graph))


@pytest.mark.parametrize("analyse", [profiler.profile, roofline.operations])
def test_what_cannot_be_analysed_is_explained(tflites, analyse):
    good = tflites["float32"]
    open_shape = from_function(lambda x: tf.tanh(x) * 2, tf.TensorSpec((1, None)))
    for bad, error, says in [
        (None, TypeError, "bytes o ruta"),
        (b"hola", ValueError, "TFL3"),
        ("no_existe.tflite", FileNotFoundError, "no hay ningún fichero"),
        (good[: len(good) // 2], ValueError, "truncado o dañado"),
        (good[:-500], ValueError, "truncado o dañado"),
        (custom(good), ValueError, "Propio"),
        (open_shape, ValueError, "deja abierta su forma"),
        (profiler.empty_model(), ValueError, "ningún operador"),
    ]:
        with pytest.raises(error, match=says):
            analyse(bad)


@pytest.mark.parametrize(("argument", "value"), [("rounds", 0), ("threads", 0)])
def test_counts_must_be_positive(tflites, argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` debe ser 1 o más"):
        profiler.profile(tflites["float32"], **{argument: value})


def test_by_type_adds_up_to_the_profile(tflites):
    result = profiler.profile(tflites["float16"], rounds=3)
    types = result.by_type()
    assert types["cuantos"].sum() == len(result.operators)
    assert types["ms"].sum() == pytest.approx(result.operators["ms"].sum())
    assert types["ms"].is_monotonic_decreasing
