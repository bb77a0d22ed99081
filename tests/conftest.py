"""Lo que comparten las pruebas: una red entrenada y sus conversiones, hechas una sola vez."""

import matplotlib
import pytest

from ligero import convert, data, models

matplotlib.use("agg")


@pytest.fixture(scope="session")
def split():
    return next(data.digit_folds(3))


@pytest.fixture(scope="session")
def network(split):
    return models.train(models.digits_cnn(filters=8, hidden=32), split.x_train, split.y_train, epochs=4)


@pytest.fixture(scope="session")
def tflites(network, split, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved_model")
    network.export(folder, verbose=False)
    return {
        scheme: convert.convert(folder, scheme, split.x_train[:50] if scheme.startswith("int") else None)
        for scheme in convert.SCHEMES
    }
