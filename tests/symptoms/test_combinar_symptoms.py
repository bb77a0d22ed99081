"""Los síntomas literales de `combinar`: se provocan, y el texto de la tabla es el que sale."""

import struct
import warnings
import zlib

import nbformat
import numpy as np
import pytest
import tf_keras as keras

from course import project

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # pregunta por la versión de TensorFlow con distutils
    import tensorflow_model_optimization as tfmot

PAGE = "combinar"
LINEAR = tfmot.clustering.keras.CentroidInitialization.LINEAR
QUANTIZATION = tfmot.quantization.keras
COLLAB = tfmot.experimental.combine
PCQAT = COLLAB.Default8BitClusterPreserveQuantizeScheme(preserve_sparsity=True)


def network(units=3):
    return keras.Sequential([keras.layers.Input((64,)), keras.layers.Dense(units, name="densa")])


def apply(model, scheme):
    return QUANTIZATION.quantize_apply(QUANTIZATION.quantize_annotate_model(model), scheme=scheme)


def test_the_public_clustering_keeps_zeros_although_it_does_not_say_so():
    assert "preserve_sparsity" not in tfmot.clustering.keras.cluster_weights.__doc__
    model = network()
    kernel = np.where(np.arange(192).reshape(64, 3) % 4, 0, np.linspace(-1, 1, 192).reshape(64, 3))
    model.layers[0].set_weights([kernel, np.zeros(3)])
    wrapped = tfmot.clustering.keras.cluster_weights(model, 8, LINEAR, preserve_sparsity=True)
    after = tfmot.clustering.keras.strip_clustering(wrapped).layers[0].get_weights()[0]
    assert (after[kernel == 0] == 0).all() and len(np.unique(after)) <= 8


def test_two_values_are_not_enough(symptoms):
    with pytest.raises(ValueError) as caught:
        tfmot.clustering.keras.cluster_weights(network(), 2, LINEAR, preserve_sparsity=True)
    assert f"ValueError: {caught.value}" in symptoms(PAGE)


def test_pcqat_of_a_network_that_is_not_clustered_keeps_nothing(symptoms, caplog):
    with pytest.warns(UserWarning, match="Too many centroids") as caught:
        apply(network(30), PCQAT)
    text = " ".join(str(caught[0].message).split())
    assert f"UserWarning: {text}" in symptoms(PAGE)
    assert caplog.messages[0] in symptoms(PAGE) and "zero weights" in caplog.messages[0]


def test_wrapped_layers_cannot_be_quantized(symptoms):
    with pytest.raises(ValueError) as caught:
        apply(tfmot.sparsity.keras.prune_low_magnitude(network()), PCQAT)
    first, inner = str(caught.value).split(".", 1)[0], str(caught.value).split("[", 1)[-1].split(".", 1)[0]
    assert f"ValueError: {first}." in symptoms(PAGE)
    assert "PruneLowMagnitude" in inner and inner in symptoms(PAGE)


@pytest.mark.parametrize("damage", [lambda blob: blob[:-1], lambda blob: blob[:-1] + b"?"], ids=["cortado", "cambiado"])
def test_a_damaged_download_is_refused(symptoms, damage):
    path = next(path for path in project.notebooks() if path.stem == PAGE)
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    namespace = {"zlib": zlib, "struct": struct}
    for start in ("MAGIC = ", "def unpack("):
        source = next(cell for cell in cells if cell.startswith(start))
        exec(source.split("\n\n\n", 1)[0] if start.startswith("MAGIC") else source, namespace)
    body = bytes(range(100))
    blob = namespace["MAGIC"] + zlib.crc32(body).to_bytes(4, "little") + body
    with pytest.raises(ValueError) as caught:
        namespace["unpack"](damage(blob))
    assert f"ValueError: {caught.value}" in symptoms(PAGE)
