"""Equivocaciones plausibles en los ejercicios de `reducir/litert`, y lo que debe decir la explicación."""

import ast
import re
from math import prod

from ai_edge_litert.tools import flatbuffer_utils as fb
from ai_edge_quantizer import qtyping, recipe

from ligero.inspection import profiler

DENSE = qtyping.TFLOperationName.FULLY_CONNECTED


def _text_search(source):
    return [i for i, line in enumerate(source.splitlines(), 1) if "tf.lite.Interpreter" in line]


def _attributes(source, end=".lite.Interpreter"):
    found = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Attribute))
    return sorted({n.lineno for n in found if ast.unparse(n).endswith(end)})


def _any_import(source, modules=("tensorflow.lite", "tflite_runtime")):
    lines = set(_attributes(source))
    for node in ast.walk(ast.parse(source)):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names if isinstance(node, ast.Import)] if hasattr(node, "names") else []
        if any(str(name).startswith(modules) for name in names):
            lines.add(node.lineno)
    return sorted(lines)


def _exact(source, runtime=True, unique=True):
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith(".lite.Interpreter"):
            lines.append(node.lineno)
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").split(".")
            lite = module[:2] == ["tensorflow", "lite"] and "Interpreter" in [alias.name for alias in node.names]
            if lite or (runtime and module[0] == "tflite_runtime"):
                lines.append(node.lineno)
        elif isinstance(node, ast.Import) and runtime:
            lines += [node.lineno for alias in node.names if alias.name.split(".")[0] == "tflite_runtime"]
    return sorted(set(lines)) if unique else sorted(lines)


def _rules(
    tflite, keep, regex=lambda name: f"^{re.escape(name)};$", base=None, name=DENSE, four=recipe.dynamic_wi4c_afp32
):
    graph = fb.read_model_from_bytearray(bytearray(tflite))
    part = graph.subgraphs[0]
    rules = recipe.dynamic_wi8_afp32() if base is None else list(base)
    for operator in part.operators:
        if fb.opcode_to_name(graph, operator.opcodeIndex) == "FULLY_CONNECTED":
            shape = [int(n) for n in part.tensors[operator.inputs[1]].shape]
            if keep(shape):
                rules += four(regex=regex(part.tensors[operator.outputs[0]].name.decode()), operation_name=name)
    return rules


def _short(name):
    layer = name.split("/")[1] if "/" in name else name
    return layer.removesuffix("_1")


def _alone(tflite, fails, order=lambda n: range(n), whole=True, stop=True):
    if whole and not fails(tflite):
        return tflite
    graph, values, found = profiler.read(tflite), profiler.run(tflite), None
    for index in order(len(graph.subgraphs[0].operators)):
        model = profiler.isolate(graph, index, values)
        if fails(model) and found is None:
            found = model
            if stop:
                return found
    return found or tflite


MISTAKES = {
    "litert-1": [
        ("el resultado visible del enunciado", lambda source: [3], "otro nombre de TensorFlow"),
        ("buscar el texto", _text_search, "otro nombre de TensorFlow"),
        (
            "buscar el texto sin mirar si es código",
            lambda source: [i for i, line in enumerate(source.splitlines(), 1) if ".lite.Interpreter" in line],
            "Un comentario no se ejecuta",
        ),
        ("olvidar las importaciones", _attributes, "Importar `Interpreter` de `tensorflow.lite`"),
        ("toda importación de tensorflow.lite", _any_import, "solo el convertidor, no"),
        ("olvidar tflite_runtime", lambda source: _exact(source, runtime=False), "cualquier importación"),
        ("repetir la línea", lambda source: _exact(source, unique=False), "una sola vez"),
        ("devolver un conjunto", lambda source: set(_exact(source)), "se espera una lista"),
    ],
    "litert-2": [
        (
            "la mezcla visible en el cuaderno, por tipo",
            lambda m, n: recipe.dynamic_wi8_afp32() + recipe.dynamic_wi4c_afp32(operation_name=DENSE),
            "no llega al tamaño",
        ),
        ("mayor que en lugar de mayor o igual", lambda m, n: _rules(m, lambda s: prod(s) > n), "incluye el límite"),
        (
            "sin el punto y coma final",
            lambda m, n: _rules(m, lambda s: prod(s) >= n, lambda name: f"^{re.escape(name)}$"),
            "acaba en `;`",
        ),
        (
            "la regla general al final",
            lambda m, n: _rules(m, lambda s: prod(s) >= n, base=[]) + recipe.dynamic_wi8_afp32(),
            "manda la última",
        ),
        ("sin regla para lo demás", lambda m, n: _rules(m, lambda s: prod(s) >= n, base=[]) or [{}], "FLOAT32"),
        ("contar neuronas", lambda m, n: _rules(m, lambda s: s[0] >= n), "incluye el límite"),
        ("el nombre corto, sin cerrar", lambda m, n: _rules(m, lambda s: prod(s) >= n, _short), "empieza igual"),
        ("4 bits en todo", lambda m, n: recipe.dynamic_wi4_afp32(), "Las convoluciones se quedan en 8"),
        ("una receta estática", lambda m, n: recipe.static_wi8_ai8(), "Se pide dinámica"),
        ("devolver el modelo", lambda m, n: m, "se espera una receta"),
    ],
    "litert-3": [
        ("lo visible: devolver siempre el modelo", lambda m, fails: m, "ni una vez"),
        (
            "suponer dónde está el fallo",
            lambda m, fails: fails(m) and _alone(m, lambda _: True),
            "Prueba los operadores",
        ),
        ("no preguntar por el modelo entero", lambda m, fails: _alone(m, fails, whole=False), "pista falsa"),
        ("empezar por el final", lambda m, fails: _alone(m, fails, lambda n: reversed(range(n))), "el primero"),
        ("seguir después de encontrarlo", lambda m, fails: _alone(m, fails, stop=False), "ya tienes la respuesta"),
        (
            "preguntar dos veces",
            lambda m, fails: (fails(m), _alone(m, fails))[1],
            "dos veces con el mismo modelo",
        ),
        (
            "solo el primer operador",
            lambda m, fails: _alone(m, fails, lambda n: range(1)),
            "Prueba los operadores",
        ),
        ("devolver la posición", lambda m, fails: fails(m) and 3, "se esperan bytes"),
    ],
}
