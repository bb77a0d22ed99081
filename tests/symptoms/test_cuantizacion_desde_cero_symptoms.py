"""Los síntomas literales de `cuantizacion-desde-cero`: se provocan, y el texto de la tabla es el que sale."""

import numpy as np
import pytest


def test_integers_that_do_not_fit_in_eight_bits(symptoms):
    with pytest.raises(OverflowError) as caught:
        np.int8(200)
    assert f"OverflowError: {caught.value}" in symptoms("cuantizacion-desde-cero")
    product = np.full((1, 9), 100, np.int8) @ np.full((9, 1), 100, np.int8)  # en silencio, y mal
    assert product.dtype == np.int8 and int(product[0, 0]) != 90_000
    assert "El producto de dos arrays int8" in symptoms("cuantizacion-desde-cero")


def test_a_dead_channel_and_what_comes_after(symptoms):
    with pytest.warns(RuntimeWarning) as dead:
        ratio = np.zeros(3, np.float32) / np.zeros(3, np.float32)
    with pytest.warns(RuntimeWarning) as cast:
        ratio.astype(np.int8)
    for caught in (dead, cast):
        assert f"RuntimeWarning: {caught[0].message}" in symptoms("cuantizacion-desde-cero")


def test_scales_on_the_wrong_axis(symptoms):
    kernel = np.ones((512, 192), np.float32)
    with pytest.raises(ValueError) as caught:
        kernel / np.abs(kernel).max(axis=1)
    assert f"ValueError: {caught.value}".strip() in symptoms("cuantizacion-desde-cero")
