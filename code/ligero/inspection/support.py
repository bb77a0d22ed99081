"""El informe con que se pide ayuda: versiones, CPU, operadores y tipos, y nada que diga quién lo pide."""

import os
import platform
import re
from importlib import metadata, util
from pathlib import Path

import pandas as pd
from ai_edge_litert.tools import flatbuffer_utils as fb

from ligero import _validate, measure
from ligero.inspection import profiler

_PACKAGES = ("ai_edge_litert", "ai_edge_quantizer", "tensorflow", "keras", "tf_keras", "numpy")


def operators(model: bytes | str | Path) -> pd.DataFrame:
    """Cuenta los operadores de un `.tflite` por su nombre y los tipos que reciben y entregan, sin ejecutarlo.

    Args:
        model: Los bytes del `.tflite` o la ruta; puede ser uno que LiteRT no sepa ejecutar.

    Returns:
        `operador`, `reciben`, `entregan` y `cuantos`, en el orden en que aparecen. Sin nombres de tensores.

    Raises:
        TypeError, ValueError, FileNotFoundError: Si `model` no son bytes ni una ruta, no es un `.tflite`, está
            truncado o no existe.

    Example:
        >>> from ligero import convert, models
        >>> operators(convert.convert(models.digits_cnn(), "float32"))["operador"].tolist()[:2]
        ['CONV_2D', 'MAX_POOL_2D']
    """
    content = _validate.tflite(model)
    try:
        graph = fb.read_model_from_bytearray(bytearray(content))
        rows = [
            (profiler.name(graph, operator), _types(subgraph, operator.inputs), _types(subgraph, operator.outputs))
            for subgraph in graph.subgraphs
            for operator in subgraph.operators
        ]
    except Exception as error:  # un fichero roto falla de mil maneras, según dónde esté el corte
        raise ValueError("`model` está truncado o dañado: conviértelo otra vez y comprueba su tamaño.") from error
    table = pd.DataFrame(rows, columns=["operador", "reciben", "entregan"])
    return table.value_counts(sort=False).loc[list(dict.fromkeys(rows))].reset_index(name="cuantos")


def report(model: bytes | str | Path) -> str:
    """Informe en Markdown para pegar en una incidencia: versiones, sistema, CPU, bytes y la tabla de `operators`.

    Args:
        model: Los bytes del `.tflite` o la ruta; si no vale, falla como `operators`.
    """
    table = operators(model)
    facts = [f"- {name} {metadata.version(name)}" for name in _PACKAGES if util.find_spec(name)]
    facts += [f"- Python {platform.python_version()}, {platform.system()} {platform.machine()}"]
    facts += [f"- CPU: {_cpu()}, {os.cpu_count()} núcleos, int8: {measure.int8_dot_product() or 'no reconocido'}"]
    return "\n".join([*facts, f"- modelo: {len(_validate.tflite(model))} bytes", "", table.to_markdown(index=False)])


def _types(subgraph: fb.SubGraphT, tensors: list[int]) -> str:
    return " ".join(dict.fromkeys(fb.type_to_name(subgraph.tensors[i].type).lower() for i in tensors if i >= 0))


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    match = re.search(r"^model name\s*: (.+)$", info.read_text(encoding="utf-8"), re.M) if info.exists() else None
    return match[1] if match else platform.processor() or "sin identificar"
