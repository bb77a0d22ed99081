"""El informe de ayuda dice lo que hace falta y calla lo que no."""

import getpass
import os
import platform
from pathlib import Path

import pytest
from ai_edge_litert.tools import flatbuffer_utils as fb

from ligero.inspection import support


def test_the_table_counts_every_operator_and_its_types(tflites):
    graph = fb.read_model_from_bytearray(bytearray(tflites["int8"]))
    table = support.operators(tflites["int8"])
    assert table["cuantos"].sum() == len(graph.subgraphs[0].operators)
    row = table[table["operador"] == "CONV_2D"].iloc[0]
    assert (row["reciben"], row["entregan"], row["cuantos"]) == ("int8 int32", "int8", 2)
    assert list(table["operador"])[:2] == ["CONV_2D", "MAX_POOL_2D"], "en el orden del grafo"


def test_the_same_operator_with_other_types_has_its_own_row(tflites):
    dynamic = support.operators(tflites["dynamic"])
    assert set(dynamic[dynamic["operador"] == "FULLY_CONNECTED"]["reciben"]) == {"float32 int8", "float32"}


def test_a_custom_operator_keeps_its_own_name(tflites):
    graph = fb.read_model_from_bytearray(bytearray(tflites["float32"]))
    code = graph.operatorCodes[graph.subgraphs[0].operators[0].opcodeIndex]
    code.builtinCode = code.deprecatedBuiltinCode = fb.schema_fb.BuiltinOperator.CUSTOM
    code.customCode = b"MiOperador"
    table = support.operators(bytes(fb.convert_object_to_bytearray(graph)))
    assert table["operador"][0] == "MiOperador", "aunque LiteRT no sepa ejecutarlo"


def test_the_report_says_versions_cpu_and_size(tflites):
    text = support.report(tflites["int8"])
    for fact in ("ai_edge_litert ", "tensorflow ", platform.python_version(), f"{len(tflites['int8'])} bytes", "CPU: "):
        assert fact in text
    assert "| CONV_2D " in text


def test_the_report_says_nothing_of_who_asks(tflites, monkeypatch, tmp_path):
    path = tmp_path / "cliente-secreto.tflite"
    graph = fb.read_model_from_bytearray(bytearray(tflites["float32"]))
    graph.description = b"proyecto-secreto"
    for tensor in graph.subgraphs[0].tensors:
        tensor.name = b"capa-secreta"
    path.write_bytes(fb.convert_object_to_bytearray(graph))
    monkeypatch.setattr(platform, "node", lambda: "equipo-secreto")
    text = support.report(path)
    assert "secret" not in text
    for private in (getpass.getuser(), platform.uname().node, str(Path.home()), os.getcwd(), str(tmp_path)):
        assert private not in text


@pytest.mark.parametrize("size", [9, 40, 400, 2000])
def test_a_truncated_model_is_explained(tflites, size):
    with pytest.raises(ValueError, match="truncado o dañado"):
        support.operators(tflites["float32"][:size])


def test_what_is_not_a_model_is_named():
    with pytest.raises(TypeError, match="`model` debe ser un modelo"):
        support.report(None)
