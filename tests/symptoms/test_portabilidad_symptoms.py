"""Los síntomas literales de `portabilidad`: se provocan, y el texto de la tabla es el que sale."""

import re

import absl.logging
import numpy as np
import onnxruntime as ort
import pandas as pd
import pytest
import skops.io as sio
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidProtobuf
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from ligero import runtime
from ligero._tensorflow import keras


def old_numpy_name(test):
    """Calla dos avisos de tf2onnx, que Keras usa por dentro y que habla con NumPy a la antigua."""
    for ignored in (
        "ignore:In the future `np.object`:FutureWarning",
        "ignore:__array__ implementation:DeprecationWarning",
    ):
        test = pytest.mark.filterwarnings(ignored)(test)
    return test


def cpu_session(model):
    return ort.InferenceSession(model, providers=["CPUExecutionProvider"])


class Stranger:
    """Un tipo que skops no conoce."""


@old_numpy_name
@pytest.mark.parametrize("damage", [lambda whole: whole[: len(whole) // 2], lambda _: b"<html>404 Not Found</html>"])
def test_damaged_model_files(network, tflites, onnx_path, tmp_path, damage, symptoms):
    table = symptoms("portabilidad")
    network.save(tmp_path / "red.keras")
    for whole, name in (((tmp_path / "red.keras").read_bytes(), "mala.keras"), (onnx_path.read_bytes(), "mala.onnx")):
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
def test_wrong_type_and_rank_into_onnxruntime(onnx_path, symptoms):
    session = cpu_session(onnx_path)
    name = session.get_inputs()[0].name
    with pytest.raises(InvalidArgument) as caught:
        session.run(None, {name: np.zeros((1, 8, 8, 1))})
    assert str(caught.value).split(" : ", 3)[3] in symptoms("portabilidad")
    with pytest.raises(InvalidArgument) as caught:
        session.run(None, {name: np.zeros((8, 8, 1), np.float32)})
    said = str(caught.value).split(" : ", 3)[3].replace(name, "…").split(" Please")[0]
    assert said in symptoms("portabilidad"), caught.value


def test_missing_feature_and_unknown_category(symptoms):
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
def test_adapted_normalization_loses_its_constants_in_onnx(tmp_path, symptoms):
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
def test_a_lambda_layer_is_refused(tmp_path, name, symptoms):
    absl.logging.set_verbosity("error")
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Lambda(lambda a: 2 * a)])
    model.save(tmp_path / name)
    with pytest.raises(ValueError) as caught:
        keras.models.load_model(tmp_path / name)
    assert str(caught.value).replace("`", "").split(" This carries")[0] in symptoms("portabilidad")


def test_skops_refuses_what_it_does_not_know(tmp_path, symptoms):
    sio.dump(Stranger(), tmp_path / "ajeno.skops")
    with pytest.raises(sio.exceptions.UntrustedTypesFoundException) as caught:
        sio.load(tmp_path / "ajeno.skops")
    assert re.sub(r"'[\w.]+'", "'__main__.Harmless'", str(caught.value)) in symptoms("portabilidad")
