import keras
import numpy as np
import pytest

from ligero import data, models


def test_default_network_has_what_the_size_claims_ask_for():
    assert models.digits_cnn().count_params() >= 100_000


def test_weights_depend_on_the_seed():
    first, again, other = (models.digits_cnn(4, 8, seed=s).get_weights()[0] for s in (0, 0, 1))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_training_learns(network, split):
    predicted = network.predict(split.x_test, verbose=0).argmax(axis=1)
    assert (predicted == split.y_test).mean() > 0.8


def test_training_starts_again_from_the_same_place(split):
    runs = [
        models.train(models.digits_cnn(4, 8), split.x_train[:128], split.y_train[:128], epochs=1).get_weights()[-1]
        for _ in range(2)
    ]
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("arguments", [{"filters": 0}, {"hidden": -1}])
def test_sizes_below_one(arguments):
    with pytest.raises(ValueError, match="1 o más"):
        models.digits_cnn(**arguments)


@pytest.mark.parametrize("arguments", [{"filters": 2.5}, {"hidden": "32"}, {"filters": None}])
def test_sizes_that_are_not_integers(arguments):
    with pytest.raises(TypeError, match="debe ser un entero"):
        models.digits_cnn(**arguments)


@pytest.mark.parametrize(
    ("x", "y", "error", "says"),
    [
        (np.zeros((3, 8, 8, 1)), np.zeros(2), ValueError, "`x` tiene 3 ejemplos e `y` 2 etiquetas"),
        (np.zeros((0, 8, 8, 1)), np.zeros(0), ValueError, "`x` está vacío"),
        (np.full((2, 8, 8, 1), np.nan), np.zeros(2), ValueError, "`x` contiene NaN"),
        (None, np.zeros(2), TypeError, "`x` debe ser un array"),
        (np.zeros((2, 8, 8, 1)), np.array(["a", "b"]), TypeError, "`y` debe contener números"),
        (np.zeros((2, 8, 8, 1)), np.zeros((2, 10)), ValueError, r"`y` debe tener la forma \(n,\)"),
    ],
)
def test_bad_training_data(x, y, error, says):
    with pytest.raises(error, match=says):
        models.train(models.digits_cnn(2, 2), x, y, epochs=1)


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        (np.zeros((2, 64)), np.zeros(2), r"`x` debe tener la forma \(n, 8, 8, 1\)"),
        (np.zeros((2, 8, 8, 1)), np.array([0, 10]), "etiquetas enteras de 0 a 9"),
        (np.zeros((2, 8, 8, 1)), np.array([0, -1]), "etiquetas enteras de 0 a 9"),
        (np.zeros((2, 8, 8, 1)), np.array([0, 0.5]), "etiquetas enteras de 0 a 9"),
    ],
)
def test_data_the_network_cannot_take(x, y, says):
    with pytest.raises(ValueError, match=says):
        models.train(models.digits_cnn(2, 2), x, y, epochs=1)


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (2**32, ValueError), ("a", TypeError), (None, TypeError)]
)
def test_bad_seed(seed, error, split):
    for call in (
        lambda: models.digits_cnn(2, 2, seed=seed),
        lambda: models.train(models.digits_cnn(2, 2), split.x_train, split.y_train, epochs=1, seed=seed),
        lambda: next(data.digit_folds(3, seed=seed)),
    ):
        with pytest.raises(error, match="`seed`"):
            call()


def test_what_is_not_a_model(split):
    with pytest.raises(TypeError, match="`model` debe ser un modelo de Keras 3"):
        models.train(None, split.x_train, split.y_train)


def test_a_network_without_a_declared_input(split):
    unbuilt = keras.Sequential([keras.layers.Dense(10)])
    with pytest.raises(ValueError, match="una entrada declarada"):
        models.train(unbuilt, split.x_train, split.y_train)


def test_bad_epochs(split):
    with pytest.raises(ValueError, match="`epochs` debe ser 1 o más"):
        models.train(models.digits_cnn(2, 2), split.x_train, split.y_train, epochs=0)


@pytest.mark.parametrize("size", [16, 64, 96])
def test_pets_network_gives_two_logits_for_any_size(size):
    network = models.pets_cnn(size)
    assert network.input_shape == (None, size, size, 3) and network.output_shape == (None, 2)


def test_pets_network_explains_a_size_it_cannot_halve():
    with pytest.raises(ValueError, match="16 o más"):
        models.pets_cnn(8)


def test_pets_network_starts_the_same_with_the_same_seed():
    first, second, other = (models.pets_cnn(seed=seed).get_weights()[0] for seed in (1, 1, 2))
    assert (first == second).all() and (first != other).any()
