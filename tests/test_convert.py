import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from ligero import convert


def dtypes(model):
    return {detail["dtype"] for detail in Interpreter(model_content=model).get_tensor_details()}


def test_each_scheme_stores_the_types_it_promises(tflites):
    assert dtypes(tflites["float32"]) == {np.float32, np.int32}
    assert np.float16 in dtypes(tflites["float16"])
    assert {np.int8, np.float32} <= dtypes(tflites["dynamic"])
    assert dtypes(tflites["int8"]) == {np.int8, np.int32}
    assert {np.int16, np.int8, np.int64} <= dtypes(tflites["int16x8"])


def test_saved_model_and_keras_give_the_same_file(network, tflites):
    assert convert.convert(network, "float32") == tflites["float32"]


def test_representative_dataset_starts_again_on_every_call():
    generator = convert.representative_dataset(np.arange(6.0).reshape(3, 2))
    first, second = ([sample[0] for sample in generator()] for _ in range(2))
    assert np.array_equal(first, second)
    assert first[0].shape == (1, 2) and first[0].dtype == np.float32


@pytest.mark.parametrize(
    ("x", "error", "says"),
    [
        ([], ValueError, "`x` está vacío"),
        (None, TypeError, "`x` debe ser un array"),
        ([np.inf], ValueError, "NaN o infinitos"),
        ([[1], [1, 2]], ValueError, "longitudes distintas"),
        ("hola", TypeError, "`x` debe ser un array"),
    ],
)
def test_bad_representative_data(x, error, says):
    with pytest.raises(error, match=says):
        convert.representative_dataset(x)


def test_unknown_scheme_names_the_known_ones(network):
    with pytest.raises(ValueError, match="float32, float16, dynamic, int8, int16x8"):
        convert.convert(network, "int4")


@pytest.mark.parametrize("scheme", ["int8", "int16x8"])
def test_integer_schemes_ask_for_data(network, scheme):
    with pytest.raises(ValueError, match="necesita `representative`"):
        convert.convert(network, scheme)


@pytest.mark.parametrize("scheme", ["float32", "float16", "dynamic"])
def test_other_schemes_refuse_data(network, scheme):
    with pytest.raises(ValueError, match="no usa datos"):
        convert.convert(network, scheme, np.zeros((1, 8, 8, 1)))


@pytest.mark.parametrize("shape", [(3, 7, 7, 1), (3, 64), (3,)])
def test_data_the_model_cannot_take(network, shape):
    with pytest.raises(ValueError, match="no acepta `representative`"):
        convert.convert(network, "int8", np.zeros(shape))


def test_an_operator_without_a_version_for_the_scheme_is_not_blamed_on_the_data():
    import keras

    inputs = keras.Input((8,))
    sine = keras.Model(inputs, keras.layers.Dense(2)(keras.ops.sin(inputs)))
    with pytest.raises(ValueError, match="algún operador sin versión para él"):
        convert.convert(sine, "int16x8", np.zeros((5, 8)))


def test_two_inputs_are_refused_in_spanish():
    import keras

    first, second = keras.Input((2,)), keras.Input((2,))
    model = keras.Model([first, second], keras.layers.Add()([first, second]))
    with pytest.raises(ValueError, match="más de una entrada"):
        convert.convert(model, "int8", np.zeros((3, 2)))


def test_a_legacy_keras_model_says_what_to_do():
    import tf_keras

    legacy = tf_keras.Sequential([tf_keras.layers.Input((2,)), tf_keras.layers.Dense(1)])
    with pytest.raises(TypeError, match=r"`tf_keras` se guarda antes"):
        convert.convert(legacy, "float32")


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(FileNotFoundError, match="no hay ningún SavedModel"):
        convert.convert(tmp_path, "float32")


@pytest.mark.parametrize("model", [None, 3, b"TFL3"])
def test_what_is_not_a_model(model):
    with pytest.raises(TypeError, match="`model` debe ser un modelo de Keras 3"):
        convert.convert(model, "float32")
