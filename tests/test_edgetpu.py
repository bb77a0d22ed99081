"""El comprobador de Edge TPU: cada regla con un modelo que solo incumple esa, y redes enteras."""

import math

import numpy as np
import pytest
from ai_edge_litert.tools import flatbuffer_utils as fb

from ligero import convert, runtime
from ligero._tensorflow import keras, tf
from ligero.inspection import edgetpu

S = fb.schema_fb
RELU = S.ActivationFunctionType.RELU
IMAGE = (1, 4, 4, 8)
BATCH_OF_ONE = [tf.TensorSpec((1, 8, 8, 1), tf.float32)]


class Net:
    """Un `.tflite` hecho a mano: tensores y operadores de uno en uno."""

    def __init__(self):
        self.buffers, self.tensors, self.nodes, self.codes = [fb.BufferT()], [], [], []

    def tensor(self, shape, kind="int8", data=None, zero=0, scale=0.1, **fields):
        if data is not None:
            kinds = {"float32": np.float32, "int4": np.int8}
            array = np.ascontiguousarray(np.broadcast_to(data, shape), kinds.get(kind, kind))
            self.buffers.append(fb.BufferT(data=np.frombuffer(array.tobytes(), np.uint8)))
        buffer = len(self.buffers) - 1 if data is not None else 0
        points = fb.QuantizationParametersT(scale=[scale], zeroPoint=[zero]) if scale else None
        code = getattr(fb.TensorType, kind.upper())
        self.tensors.append(fb.TensorT(list(shape), code, buffer, b"t", quantization=points, **fields))
        return len(self.tensors) - 1

    def ints(self, values, kind="int32"):
        return self.tensor(np.shape(values), kind, values, scale=0)

    def op(self, name, inputs, output=IMAGE, options=None):
        """Añade un operador y devuelve su salida: la forma de un tensor int8 nuevo, o un tensor que ya está."""
        output = output if isinstance(output, int) else self.tensor(output)
        code = getattr(fb.BuiltinOperator, name, fb.BuiltinOperator.CUSTOM)
        custom = None if code != fb.BuiltinOperator.CUSTOM else name.encode()
        self.codes.append(fb.OperatorCodeT(min(code, 127), custom, builtinCode=code))
        kind = type(options).__name__.removesuffix("T") if options else "NONE"
        operator = fb.OperatorT(len(self.codes) - 1, inputs, [output], builtinOptions=options)
        operator.builtinOptionsType = getattr(fb.BuiltinOptions, kind)
        self.nodes.append(operator)
        return output

    def graph(self):
        made = [i for operator in self.nodes for i in operator.outputs]
        used = [i for operator in self.nodes for i in operator.inputs if i >= 0]
        inputs = [i for i in dict.fromkeys(used) if i not in made and not self.tensors[i].buffer]
        return fb.SubGraphT(self.tensors, inputs, [i for i in made if i not in used], self.nodes)

    def check(self, others=()):
        model = fb.ModelT(3, self.codes, [self.graph(), *others], buffers=self.buffers)
        return edgetpu.check(bytes(fb.convert_object_to_bytearray(model)))

    def __getattr__(self, name):
        return getattr(self.check(), name)


def one(name, shape=IMAGE, output=IMAGE, parameters=(), options=None, **fields):
    """Un operador de una entrada, con sus parámetros enteros detrás; `fields` son del tensor de entrada."""
    net = Net()
    net.op(name, [net.tensor(shape, **fields), *map(net.ints, parameters)], output, options)
    return net


def many(name, output=IMAGE, options=None, shape=IMAGE, count=2, **fields):
    """Un operador de varias entradas; `fields` son de la última."""
    net = Net()
    net.op(name, [*[net.tensor(shape) for _ in range(count - 1)], net.tensor(shape, **fields)], output, options)
    return net


def weighted(name, options=None, weights=(8, 3, 3, 8), shape=IMAGE, output=IMAGE, bias=None, **fields):
    """Un operador con pesos y sesgo; `fields` son de los pesos y `bias`, los campos del sesgo."""
    net = Net()
    bias = {"kind": "int32", "data": 1} | (bias or {})
    places = [net.tensor(shape), net.tensor(weights, **{"data": 1} | fields), net.tensor(weights[:1], **bias)]
    net.op(name, places, output, options)
    return net


def dense(options=None, output=(1, 8), shape=(1, 8), **fields):
    return weighted("FULLY_CONNECTED", options, (8, 8), shape, output, **fields)


def transposed(**fields):
    net = Net()
    weights = net.tensor((8, 3, 3, 8), **{"data": 1} | fields)
    net.op("TRANSPOSE_CONV", [net.ints([1, 4, 4, 8]), weights, net.tensor((1, 2, 2, 8))])
    return net


def split(axis):
    net = Net()
    net.op("SPLIT", [net.ints(axis), net.tensor(IMAGE)], (1, 4, 4, 4))
    return net


def lstm(name):
    net = Net()
    weights, biases = [net.tensor((8, 8), data=1) for _ in range(8)], [net.tensor((8,), "int32", 1) for _ in range(4)]
    states = [net.tensor((1, 8), isVariable=True), net.tensor((1, 8), "int16", isVariable=True)]
    net.op(name, [net.tensor((1, 5, 8)), *weights, -1, -1, -1, *biases, -1, -1, *states], (1, 5, 8))
    return net


def strided(steps=(1, 1, 1, 1), **masks):
    options = S.StridedSliceOptionsT(**masks)
    return one("STRIDED_SLICE", output=(1, 2, 2, 8), parameters=[[0] * 4, [1, 2, 2, 8], steps], options=options)


def pad(batch=0):
    pads = [[0, batch], [1, 1], [1, 1], [0, 0]]
    return one("PAD", output=(1, 6, 6, 8), parameters=[pads])


def reduced(name, axes=(1, 2), channels=8):
    return one(name, (1, 4, 4, channels), (1, channels), [list(axes)])


def softmax(shape):
    return one("SOFTMAX", shape, shape)


PAIRS = ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "CONCATENATION")
CLEAN = {name: lambda name=name: one(name) for name in edgetpu.rules()["operadores"]}
CLEAN |= {name: lambda name=name: many(name) for name in PAIRS}
CLEAN |= {name: lambda name=name: reduced(name) for name in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")}
CLEAN |= {name: lambda name=name: lstm(name) for name in ("LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM")}
CLEAN |= {
    name: lambda name=name: one(name, output=(1, 8, 8, 8), parameters=[[8, 8]])
    for name in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
}
CLEAN |= {
    "CONV_2D": lambda: weighted("CONV_2D"),
    "DEPTHWISE_CONV_2D": lambda: weighted("DEPTHWISE_CONV_2D", weights=(1, 3, 3, 8)),
    "EXPAND_DIMS": lambda: one("EXPAND_DIMS", output=(1, 1, 4, 4, 8), parameters=[1]),
    "FULLY_CONNECTED": dense,
    "PACK": lambda: many("PACK", (1, 2, 4, 8), S.PackOptionsT(2, 1), (1, 4, 8)),
    "PAD": pad,
    "PRELU": lambda: weighted("PRELU", weights=(1, 1, 8)),
    "RESHAPE": lambda: one("RESHAPE", output=(1, 128), parameters=[[1, 128]]),
    "SLICE": lambda: one("SLICE", output=(1, 2, 2, 8), parameters=[[0] * 4, [1, 2, 2, 8]]),
    "SOFTMAX": lambda: softmax((1, 16_000)),
    "SPLIT": lambda: split(3),
    "SQUEEZE": lambda: one("SQUEEZE", (1, 1, 1, 8), (1, 8)),
    "STRIDED_SLICE": strided,
    "TRANSPOSE": lambda: one("TRANSPOSE", parameters=[[0, 2, 1, 3]]),
    "TRANSPOSE_CONV": transposed,
}

DILATED = S.Conv2DOptionsT(dilationWFactor=2, dilationHFactor=1)
BY_CHANNEL = S.DepthwiseConv2DOptionsT(dilationHFactor=3)
FUSED = S.Pool2DOptionsT(fusedActivationFunction=RELU)
BROKEN = {
    "operador: no está en la tabla": ("operador", lambda: one("HARD_SWISH")),
    "operador: propio": ("operador", lambda: one("MiOperador")),
    "operador: LSTM en los dos sentidos": ("operador", lambda: one("BIDIRECTIONAL_SEQUENCE_LSTM")),
    "tipo: entra float32": ("tipo", lambda: one("RELU", kind="float32", scale=0)),
    "tipo: entra int16": ("tipo", lambda: one("RELU", kind="int16")),
    "tipo: int8 sin escala": ("tipo", lambda: one("RELU", scale=0)),
    "tipo: pesos int4": ("tipo", lambda: dense(kind="int4")),
    "tipo: pesos float32": ("tipo", lambda: dense(kind="float32", scale=0)),
    "tipo: sesgo int64": ("tipo", lambda: dense(bias={"kind": "int64"})),
    "tipo: sale float32": ("tipo", lambda: to_float()),
    "forma: alto abierto": ("forma", lambda: one("RELU", shapeSignature=[1, -1, 4, 8])),
    "forma: lote abierto que no vale 1": ("forma", lambda: one("RELU", (2, 8), shapeSignature=[-1, 8])),
    "forma: vector abierto": ("forma", lambda: one("RELU", (1,), shapeSignature=[-1])),
    "rango: dos imágenes": ("rango", lambda: one("RELU", (2, 4, 4, 8))),
    "rango: cinco dimensiones": ("rango", lambda: one("RELU", output=(1, 2, 2, 4, 8))),
    "rango: sale un escalar": ("rango", lambda: one("RELU", output=())),
    "constante: pesos calculados": ("constante", lambda: dense(data=None)),
    "constante: sesgo calculado": ("constante", lambda: dense(bias={"data": None})),
    "constante: pesos que son un estado": ("constante", lambda: dense(data=None, isVariable=True)),
    "constante: alfa calculado": ("constante", lambda: weighted("PRELU", weights=(1, 1, 8), data=None)),
    "opción: media con activación": (
        "opción",
        lambda: one("AVERAGE_POOL_2D", options=FUSED),
    ),
    "opción: máximo con activación": (
        "opción",
        lambda: one("MAX_POOL_2D", options=FUSED),
    ),
    "opción: junta con activación": ("opción", lambda: many("CONCATENATION", options=S.ConcatenationOptionsT(3, RELU))),
    "opción: junta una constante": ("opción", lambda: many("CONCATENATION", data=1)),
    "opción: junta ceros que no lo son": ("opción", lambda: many("CONCATENATION", data=0, zero=5)),
    "opción: junta ceros con dos más": ("opción", lambda: many("CONCATENATION", data=0, count=3)),
    "opción: dilatación desigual": ("opción", lambda: weighted("CONV_2D", DILATED)),
    "opción: dilatación desigual por canales": (
        "opción",
        lambda: weighted("DEPTHWISE_CONV_2D", BY_CHANNEL),
    ),
    "opción: densa con otro formato": ("opción", lambda: dense(S.FullyConnectedOptionsT(weightsFormat=1))),
    "opción: densa con varias filas": ("opción", lambda: dense(shape=(4, 8), output=(4, 8))),
    "opción: pesos dispersos": ("opción", lambda: dense(sparsity=S.SparsityParametersT())),
    "opción: media del lote": ("opción", lambda: reduced("MEAN", [0, 1])),
    "opción: media del lote, desde el final": ("opción", lambda: reduced("MEAN", [-4])),
    "opción: media de seis canales": ("opción", lambda: reduced("MEAN", [3], 6)),
    "opción: media de seis canales, desde el final": ("opción", lambda: reduced("MEAN", [-1], 6)),
    "opción: suma del lote": ("opción", lambda: reduced("SUM", [0])),
    "opción: máximo del lote": ("opción", lambda: reduced("REDUCE_MAX", [0])),
    "opción: mínimo del lote": ("opción", lambda: reduced("REDUCE_MIN", [0])),
    "opción: apila el lote": ("opción", lambda: many("PACK", (2, 4, 8), S.PackOptionsT(2, 0), (4, 8))),
    "opción: apila el lote, desde el final": ("opción", lambda: many("PACK", (2, 4, 8), S.PackOptionsT(2, -3), (4, 8))),
    "opción: rellena el lote": ("opción", lambda: pad(batch=1)),
    "opción: alfa por píxel": ("opción", lambda: weighted("PRELU", weights=(4, 4, 8))),
    "opción: softmax de dos filas": ("opción", lambda: softmax((2, 10))),
    "opción: softmax larga": ("opción", lambda: softmax((1, 16_001))),
    "opción: parte el lote": ("opción", lambda: split(0)),
    "opción: parte el lote, desde el final": ("opción", lambda: split(-4)),
    "opción: recorta de dos en dos": ("opción", lambda: strided((1, 2, 2, 1))),
    "opción: recorta con puntos suspensivos": ("opción", lambda: strided(ellipsisMask=1)),
    "opción: recorta con un eje nuevo": ("opción", lambda: strided(newAxisMask=1)),
}


def to_float():
    net = Net()
    net.op("RELU", [net.tensor(IMAGE)], net.tensor(IMAGE, "float32", scale=0))
    return net


@pytest.mark.parametrize("name", sorted(CLEAN))
def test_an_operator_of_the_table_with_nothing_wrong_is_placed(name):
    (operator,) = CLEAN[name]().operators
    assert operator.supported and operator.placed and not operator.reasons, operator.reasons
    entry = edgetpu.rules()["operadores"][name]
    assert bool(operator.doubts) == ("duda" in entry and "duda_si" not in entry)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_each_rule_is_told_by_a_model_that_breaks_only_it(name):
    rule, build = BROKEN[name]
    (operator,) = build().operators
    assert not operator.supported and not operator.placed
    assert [reason.rule for reason in operator.reasons] == [rule], operator.reasons
    assert operator.reasons[0].cause and operator.reasons[0].remedy


def test_every_limit_of_the_table_is_broken_by_some_model():
    limits = {x["texto"] for entry in edgetpu.rules()["operadores"].values() for x in entry.get("limites", ())}
    told = {reason.cause for _, build in BROKEN.values() for reason in build().operators[0].reasons}
    assert limits <= told, limits - told
    entries = edgetpu.rules()["operadores"].values()
    used = {x["comprobacion"] for e in entries for x in e.get("limites", ())} | {e.get("duda_si") for e in entries}
    assert used - {None} == set(edgetpu._LIMITS) - {"siempre"}


def test_the_table_says_where_it_comes_from_and_when_it_was_read():
    table = edgetpu.rules()
    assert table["consultada"] >= "2026-11-21" and all("coral.ai" in url for url in table["direcciones"])
    assert set(table["operadores"]) - {"edgetpu-custom-op"} <= set(vars(fb.BuiltinOperator))
    read = {name: set(entry["leida"]) for name, entry in table["operadores"].items()}
    assert all(sources and sources <= set(table["lecturas"]) for sources in read.values()), read


def test_a_reduction_over_channels_that_are_a_multiple_of_four_is_placed():
    assert reduced("MEAN", [3], 8).placed_fraction == 1
    assert reduced("SUM", [3], 6).placed_fraction == 1, "ese límite es solo de la media"


def test_a_constant_of_quantized_zeros_can_be_joined():
    assert many("CONCATENATION", data=5, zero=5).placed_fraction == 1


@pytest.mark.parametrize("name", ["RESHAPE", "PAD", "RESIZE_BILINEAR", "MEAN", "TRANSPOSE", "SLICE", "EXPAND_DIMS"])
def test_a_computed_parameter_is_not_constant_and_leaves_the_size_unknown(name):
    net = CLEAN[name]()
    net.tensors[1].buffer = 0
    verdict = net.check()
    assert [reason.rule for reason in verdict.operators[0].reasons] == ["constante", "forma"]
    assert "dinámico" in verdict.warnings[0]


def test_an_open_batch_is_placed_with_a_doubt():
    (operator,) = one("RELU", shapeSignature=[-1, 4, 4, 8]).operators
    assert operator.placed and "lote" in operator.doubts[0]


def test_an_empty_constant_is_a_constant():
    assert one("MEAN", parameters=[np.zeros(0, int)]).placed_fraction == 1


@pytest.mark.parametrize(
    ("shape", "output", "named", "doubtful"),
    [
        ((1, 1, 10), (10,), None, False),
        ((1, 5, 10), (5, 10), None, False),
        ((5, 1, 10), (5, 10), None, True),
        ((1, 5, 1, 10), (5, 1, 10), [0], False),
        ((1, 5, 1, 10), (1, 5, 10), [2], True),
        ((1, 5, 1, 10), (1, 5, 10), [-2], True),
    ],
)
def test_squeezing_an_inner_dimension_is_doubtful(shape, output, named, doubtful):
    """Los ejemplos de la tabla de 2019: 1, 1, 10 y 1, 5, 10 se admiten; 5, 1, 10, no. Después se quitó el límite."""
    (operator,) = one("SQUEEZE", shape, output, options=S.SqueezeOptionsT(named)).operators
    assert operator.placed and bool(operator.doubts) == doubtful


def test_several_reasons_are_all_told():
    (operator,) = one("MAX_POOL_2D", (2, 4, 4, 8), options=S.Pool2DOptionsT(fusedActivationFunction=RELU)).operators
    assert [reason.rule for reason in operator.reasons] == ["rango", "opción"]


def chain(*names):
    net = Net()
    x = net.tensor(IMAGE)
    for name in names:
        x = net.op(name, [x])
    return net


def test_the_first_unsupported_operator_cuts_the_rest():
    verdict = chain("RELU", "TANH", "HARD_SWISH", "RELU", "TANH").check()
    assert [o.placed for o in verdict.operators] == [True, True, False, False, False]
    assert [o.supported for o in verdict.operators] == [True, True, False, True, True]
    assert [r.rule for r in verdict.operators[4].reasons] == ["corte"]
    assert "HARD_SWISH (operador 2)" in verdict.operators[4].reasons[0].cause
    assert verdict.placed_fraction == 2 / 5


def test_nothing_is_placed_if_the_first_operator_is_unsupported():
    assert chain("HARD_SWISH", "RELU", "TANH").placed_fraction == 0


def test_an_operator_that_is_cut_also_tells_its_own_reason():
    verdict = chain("HARD_SWISH", "LEAKY_RELU").check()
    assert [r.rule for r in verdict.operators[1].reasons] == ["operador", "corte"]


def test_a_branch_that_does_not_pass_by_the_cut_is_placed():
    net = Net()
    x = net.tensor(IMAGE)
    left, right = net.op("HARD_SWISH", [x]), net.op("RELU", [x])
    net.op("ADD", [left, net.op("TANH", [right])])
    assert [o.placed for o in net.check().operators] == [False, True, True, False]


def test_the_float_entrance_goes_to_the_cpu_and_does_not_cut():
    net = Net()
    x = net.op("QUANTIZE", [net.tensor(IMAGE, "float32", scale=0)])
    x = net.op("RELU", [x])
    net.op("DEQUANTIZE", [x], net.tensor(IMAGE, "float32", scale=0))
    verdict = net.check()
    assert [o.placed for o in verdict.operators] == [False, True, False]
    assert [o.reasons[0].rule for o in verdict.operators if not o.placed] == ["tipo", "operador"]


def test_a_round_trip_to_float_in_the_middle_does_cut():
    """Lo que dice el compilador 16 de densa → densa → seno → densa: solo las dos primeras van al Edge TPU."""
    net = Net()
    x = net.op("QUANTIZE", [net.tensor((1, 8), "uint8")], (1, 8))
    for _ in range(2):
        x = net.op("FULLY_CONNECTED", [x, net.tensor((8, 8), data=1), net.tensor((8,), "int32", 1)], (1, 8))
    x = net.op("DEQUANTIZE", [x], net.tensor((1, 8), "float32", scale=0))
    x = net.op("SIN", [x], net.tensor((1, 8), "float32", scale=0))
    x = net.op("QUANTIZE", [x], (1, 8))
    x = net.op("FULLY_CONNECTED", [x, net.tensor((8, 8), data=1), net.tensor((8,), "int32", 1)], (1, 8))
    net.op("QUANTIZE", [x], net.tensor((1, 8), "uint8"))
    assert [o.placed for o in net.check().operators] == [True] * 3 + [False] * 5


def test_what_a_control_operator_runs_stays_on_the_cpu():
    inner = chain("RELU")
    net = chain("TANH", "WHILE", "TANH")
    net.codes.append(inner.codes[0])
    inner.nodes[0].opcodeIndex = len(net.codes) - 1
    verdict = net.check(others=[inner.graph()])
    assert [(o.subgraph, o.placed) for o in verdict.operators] == [(0, True), (0, False), (0, False), (1, False)]
    assert [r.rule for r in verdict.operators[3].reasons] == ["subgrafo"]


def test_a_custom_operator_may_stop_the_compiler():
    verdict = chain("RELU", "FlexErf").check()
    assert verdict.operators[1].name == "FlexErf" and "propios" in verdict.warnings[0]
    assert not chain("RELU", "edgetpu-custom-op").warnings
    assert chain("RELU", "edgetpu-custom-op").placed_fraction == 1, "ya está compilado para él"


def test_an_operator_that_this_schema_does_not_know_is_not_a_broken_file():
    net = chain("RELU")
    net.codes[0].builtinCode = 9999
    assert [r.rule for r in net.check().operators[0].reasons] == ["operador"]


def test_the_table_has_a_row_per_operator():
    table = chain("RELU", "HARD_SWISH", "TANH").table()
    assert table["operador"].tolist() == ["RELU", "HARD_SWISH", "TANH"]
    assert table["asignado"].tolist() == [True, False, False]
    assert table["motivo"][0] == "" and table["motivo"][1].startswith("[operador]") and table["remedio"][2]


def test_a_model_without_operators_has_no_fraction():
    assert math.isnan(Net().placed_fraction)


@pytest.fixture(scope="module")
def mobilenet():
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, weights=None, classes=10)
    x = np.random.default_rng(0).uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)
    return convert.convert(model, "int8", x)


def test_a_whole_mobilenet_is_placed(mobilenet):
    verdict = edgetpu.check(mobilenet)
    assert len(verdict.operators) > 60 and verdict.placed_fraction == 1 and not verdict.warnings


@pytest.mark.parametrize(("batch", "compiles"), [(None, False), (1, True)])
def test_the_case_that_coral_publishes(batch, compiles, tmp_path):
    """Su cuaderno de averías: MobileNetV1 solo se compila con el lote fijo."""
    model = keras.applications.MobileNet((32, 32, 3), alpha=0.25, weights=None, classes=10)
    model.export(tmp_path, verbose=False, input_signature=[tf.TensorSpec((batch, 32, 32, 3), tf.float32)])
    x = np.random.default_rng(0).uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)
    verdict = edgetpu.check(convert.convert(tmp_path, "int8", x))
    assert (verdict.placed_fraction == 1) == compiles
    assert ("dinámico" in " ".join(verdict.warnings)) != compiles


@pytest.fixture(scope="module")
def fixed(network, split, tmp_path_factory):
    """La red de cifras con el lote fijo, en todos los esquemas."""
    folder = tmp_path_factory.mktemp("fixed")
    network.export(folder, verbose=False, input_signature=BATCH_OF_ONE)
    samples = {scheme: split.x_train[:50] if scheme.startswith("int") else None for scheme in convert.SCHEMES}
    return {scheme: convert.convert(folder, scheme, x) for scheme, x in samples.items()}


def test_only_the_int8_network_is_placed(fixed):
    placed = {scheme: edgetpu.check(content).placed_fraction for scheme, content in fixed.items()}
    assert placed == {"float32": 0, "float16": 0, "dynamic": 0, "int8": 1, "int16x8": 0}
    assert not any(
        operator.doubts != (edgetpu.rules()["operadores"]["RESHAPE"]["duda"],)
        for operator in edgetpu.check(fixed["int8"]).operators
        if operator.doubts
    )


def test_an_open_batch_before_a_flatten_cuts_the_network(tflites):
    """Con el lote abierto, aplanar calcula su forma al ejecutar."""
    verdict = edgetpu.check(tflites["int8"])
    names = [operator.name for operator in verdict.operators]
    assert [o.name for o in verdict.operators if o.placed] == names[: names.index("SHAPE")]
    reshape = verdict.operators[names.index("RESHAPE")]
    assert [reason.rule for reason in reshape.reasons] == ["constante", "forma", "corte"]
    assert verdict.warnings


def test_each_scheme_is_told_its_own_reason(fixed):
    causes = {s: {r.cause for o in edgetpu.check(c).operators for r in o.reasons} for s, c in fixed.items()}
    for scheme, kinds in {"float32": ["float32"], "dynamic": ["float32"], "int16x8": ["int16", "int64"]}.items():
        assert all(any(f" es {kind}," in cause for cause in causes[scheme]) for kind in kinds)
    hybrid = edgetpu.check(fixed["dynamic"]).operators[-2]
    assert hybrid.name == "FULLY_CONNECTED" and not any("pesos" in r.cause for r in hybrid.reasons), "ya son int8"


def test_a_classic_uint8_network_is_placed_too(network, split, tmp_path):
    """El mismo int8, escrito como los modelos de 2019: sin signo y con una escala por tensor."""
    network.export(tmp_path, verbose=False, input_signature=BATCH_OF_ONE)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = convert.representative_dataset(split.x_train[:50])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    converter._experimental_disable_per_channel = True
    signed = converter.convert()
    graph = fb.read_model_from_bytearray(bytearray(signed))
    for tensor in graph.subgraphs[0].tensors:
        if tensor.type == fb.TensorType.INT8:
            tensor.type = fb.TensorType.UINT8
            tensor.quantization.zeroPoint = [point + 128 for point in tensor.quantization.zeroPoint]
            data = graph.buffers[tensor.buffer].data
            if data is not None:
                graph.buffers[tensor.buffer].data = np.asarray(data, np.uint8) ^ 128
    for code in graph.operatorCodes:
        code.version = 1
    unsigned = bytes(fb.convert_object_to_bytearray(graph))
    same = runtime.predict(unsigned, split.x_test[:50]).argmax(1) == runtime.predict(signed, split.x_test[:50]).argmax(
        1
    )
    assert same.mean() >= 0.95, "sigue siendo la misma red"
    assert edgetpu.check(unsigned).placed_fraction == 1


def test_a_real_control_flow_network_gets_a_verdict():
    @tf.function(input_signature=[tf.TensorSpec((1, 4))])
    def loop(x):
        return tf.while_loop(lambda y: tf.reduce_sum(y) < 10.0, lambda y: (y + 1.0,), (x,))[0]

    content = tf.lite.TFLiteConverter.from_concrete_functions([loop.get_concrete_function()]).convert()
    verdict = edgetpu.check(content)
    assert verdict.placed_fraction == 0 and {o.subgraph for o in verdict.operators} > {0}


@pytest.mark.parametrize("size", [9, 40, 400, 2000])
def test_a_truncated_model_is_explained(tflites, size):
    with pytest.raises(ValueError, match="truncado o dañado"):
        edgetpu.check(tflites["int8"][:size])


@pytest.mark.parametrize(("model", "error"), [(b"no es un modelo", ValueError), (3, TypeError), ("no/esta", OSError)])
def test_what_is_not_a_model_is_explained(model, error):
    with pytest.raises(error, match="model"):
        edgetpu.check(model)


def test_a_path_works_like_its_bytes(tflites, tmp_path):
    path = tmp_path / "red.tflite"
    path.write_bytes(tflites["int8"])
    assert edgetpu.check(path) == edgetpu.check(tflites["int8"])
