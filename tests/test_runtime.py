import numpy as np
import pytest

from ligero import runtime


def test_litert_computes_what_keras_computes(network, tflites, split):
    expected = network.predict(split.x_test, verbose=0)
    got = runtime.predict(tflites["float32"], split.x_test)
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-3)


def test_integer_model_speaks_in_the_units_of_the_original(tflites, split):
    original = runtime.predict(tflites["float32"], split.x_test)
    for scheme in ("int8", "int16x8"):
        got = runtime.predict(tflites[scheme], split.x_test)
        assert got.dtype == np.float32
        assert np.abs(got - original).mean() < 0.05 * original.std()


def test_quantized_input_saturates_instead_of_wrapping(tflites, split):
    x = split.x_test[:20]
    np.testing.assert_array_equal(
        runtime.predict(tflites["int8"], x + 100.0), runtime.predict(tflites["int8"], np.ones_like(x))
    )


def test_hits_compare_with_the_labels(tflites, split):
    correct = runtime.hits(tflites["float32"], split.x_test, split.y_test)
    assert correct.dtype == bool and correct.mean() > 0.8
    wrong = runtime.hits(tflites["float32"], split.x_test, (split.y_test + 1) % 10)
    assert not (correct & wrong).any()


def test_a_path_works_as_well_as_bytes(tflites, tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(tflites["float32"])
    x = np.zeros((2, 8, 8, 1))
    np.testing.assert_array_equal(runtime.predict(path, x), runtime.predict(tflites["float32"], x))


@pytest.mark.parametrize(
    ("x", "error", "says"),
    [
        (np.zeros((2, 8, 8)), ValueError, r"`x` debe tener la forma \(n, 8, 8, 1\); tiene \(2, 8, 8\)"),
        (np.zeros((2, 9, 8, 1)), ValueError, r"forma \(n, 8, 8, 1\)"),
        (np.zeros((0, 8, 8, 1)), ValueError, "vacío"),
        (np.full((1, 8, 8, 1), np.nan), ValueError, "NaN"),
        (None, TypeError, "`x` debe ser un array"),
        (np.array([["a"]]), TypeError, "debe contener números"),
    ],
)
def test_bad_inputs(tflites, x, error, says):
    with pytest.raises(error, match=says):
        runtime.predict(tflites["float32"], x)


def test_labels_and_examples_go_in_pairs(tflites, split):
    with pytest.raises(ValueError, match="`x` tiene 3 ejemplos e `y` 2 etiquetas"):
        runtime.hits(tflites["float32"], split.x_test[:3], split.y_test[:2])


def test_a_single_sigmoid_output_is_not_a_score_per_class():
    import keras

    from ligero import convert

    binary = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    with pytest.raises(ValueError, match="una puntuación por clase"):
        runtime.hits(convert.convert(binary, "float32"), np.zeros((3, 4)), np.zeros(3))


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="no hay ningún fichero"):
        runtime.interpreter(tmp_path / "nada.tflite")


@pytest.mark.parametrize("content", [b"", b"hola", bytes(1000)])
def test_bytes_that_are_not_a_model(content):
    with pytest.raises(ValueError, match="no es un modelo .tflite"):
        runtime.interpreter(content)


def test_truncated_model(tflites):
    with pytest.raises(ValueError, match="truncado o dañado"):
        runtime.interpreter(tflites["float32"][: len(tflites["float32"]) // 2])


def test_a_keras_model_is_not_a_tflite(network):
    with pytest.raises(TypeError, match="se convierte antes"):
        runtime.interpreter(network)


@pytest.mark.parametrize(("threads", "error"), [(0, ValueError), (1.0, TypeError), ("2", TypeError)])
def test_bad_threads(tflites, threads, error):
    with pytest.raises(error, match="`threads`"):
        runtime.interpreter(tflites["float32"], threads)


def test_several_outputs():
    import keras

    from ligero import convert

    inputs = keras.Input((4,))
    two = keras.Model(inputs, [keras.layers.Dense(2)(inputs), keras.layers.Dense(3)(inputs)])
    with pytest.raises(ValueError, match="1 entradas y 2 salidas"):
        runtime.predict(convert.convert(two, "float32"), np.zeros((1, 4)))
