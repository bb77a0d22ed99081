"""Lo que enseñan los ejercicios es lo que hace el convertidor: se comprueba en ficheros de verdad."""

import keras
import numpy as np
import pytest
from ai_edge_litert.tools import flatbuffer_utils

from ligero import convert
from ligero.exercises import cuantizacion_postentrenamiento as page


def stored_bytes(tflite, shapes):
    """Bytes de los tensores constantes con alguna de esas formas."""
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(tflite))
    total = 0
    for tensor in model.subgraphs[0].tensors:
        data = model.buffers[tensor.buffer].data
        if data is not None and tuple(tensor.shape) in shapes:
            total += len(data)
    return total


@pytest.mark.parametrize("scheme", ["float32", "float16", "dynamic", "int8"])
@pytest.mark.parametrize(("inputs", "units"), [(93, 11), (256, 4), (205, 5)], ids=["1023", "1024", "1025"])
def test_bytes_of_weights_and_the_limit_of_1024_elements(inputs, units, scheme):
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.layers.Input((inputs,)), keras.layers.Dense(units, bias_initializer="ones")])
    samples = np.random.default_rng(0).random((10, inputs))
    tflite = convert.convert(network, scheme, samples if scheme == "int8" else None)
    expected = page._weight_bytes([((units, inputs), units)], scheme)
    assert stored_bytes(tflite, {(units, inputs), (units,)}) == expected
