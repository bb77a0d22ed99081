"""«¿Por qué mi int8 va más lento?»: compara dos `.tflite` operador a operador y dice la causa, con su prueba."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from ai_edge_litert.interpreter import OpResolverType
from ai_edge_litert.tools import flatbuffer_utils as fb

from ligero import _validate, measure
from ligero.inspection import profiler, roofline
from ligero.runtime import interpreter

SMALL = "red demasiado pequeña"
CONVERSIONS = "conversiones de ida y vuelta"
HYBRID = "operadores híbridos"
REFERENCE = "rutinas de referencia"
UNDELEGATED = "operadores sin delegar"
WORK = "trabajo distinto"
KERNELS = "rutinas enteras más lentas"

_MARGIN = 0.05  # dos latencias más cercanas que esto se dan por iguales
_RELEVANT = 0.1  # una causa pesa al menos esta parte del tiempo de `b`
_SAME_KERNEL = 1.25  # si la rutina de referencia no tarda más que esto, es la que se está usando
_REMEDIES = {
    SMALL: "No busques aquí la latencia: quita operadores o agrupa inferencias. Aquí int8 quita bytes, no tiempo.",
    HYBRID: "Cuantiza también las activaciones: `representative_dataset`, `supported_ops = [TFLITE_BUILTINS_INT8]` e "
    "`inference_input_type = inference_output_type = tf.int8`.",
    REFERENCE: "Usa tipos con rutina rápida (int8, float32), o cambia esos operadores por otros que la tengan.",
    UNDELEGATED: "Cambia esos operadores por otros que XNNPACK admita con esos tipos, o sácalos de la red.",
    WORK: "Comprueba que los dos ficheros salen de la misma red y que la conversión no deja restos: `FAKE_QUANT` de un "
    "QAT convertido sin `optimizations`, preproceso, capas sin plegar.",
    KERNELS: "Mide en el aparato de destino: otra CPU puede decir lo contrario. Si allí pasa lo mismo, usa float16 o "
    "deja en float32 esa parte.",
}


@dataclass(frozen=True)
class Cause:
    """Una causa de la diferencia.

    Attributes:
        kind: Una de las constantes del módulo (`UNDELEGATED`, `CONVERSIONS`…).
        evidence: Lo medido, en español.
        remedy: Qué hacer.
        operators: Los tipos de operador a los que señala.
        ms: Milisegundos que `b` gasta en ella y `a` no; en `SMALL`, el coste fijo.
        fraction: Qué parte son del tiempo de `b`.
    """

    kind: str
    evidence: str
    remedy: str
    operators: tuple[str, ...]
    ms: float
    fraction: float


@dataclass(frozen=True)
class Diagnosis:
    """La respuesta de `diagnose`; en un cuaderno se muestra redactada.

    Attributes:
        verdict: Una frase.
        ratio: Lo que tarda `b` entre lo que tarda `a`, con su intervalo.
        causes: De la que más tiempo explica a la que menos; vacía si no hay problema.
        operators: Los operadores de `b`: `indice`, `operador`, `salida`, `tramo` de XNNPACK (NaN: lo ejecuta LiteRT),
            `ms`, `ms_en_a` (NaN: `a` no lo tiene) y `causa` a la que se apunta su diferencia.
    """

    verdict: str
    ratio: measure.Interval
    causes: tuple[Cause, ...]
    operators: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Una fila por causa: `causa`, `prueba`, `ms`, `parte` del tiempo de `b` en % y `remedio`."""
        rows = [(c.kind, c.evidence, c.ms, 100 * c.fraction, c.remedy) for c in self.causes]
        return pd.DataFrame(rows, columns=["causa", "prueba", "ms", "parte", "remedio"])

    def __str__(self) -> str:
        """El veredicto y, debajo, las causas numeradas con su remedio."""
        return self._repr_markdown_().replace("**", "")

    def _repr_markdown_(self) -> str:
        causes = (f"{i}. **{c.kind}.** {c.evidence} {c.remedy}" for i, c in enumerate(self.causes, 1))
        return "\n".join([f"**{self.verdict}**", *([""] if self.causes else []), *causes])


def diagnose(a: bytes | str | Path, b: bytes | str | Path, rounds: int = 30, threads: int = 1) -> Diagnosis:
    """Dice por qué `b` (el cuantizado) no es más rápido que `a` (el original), con pruebas medidas en esta máquina.

    Cronometra los dos por turnos y cada operador a solas; pregunta al intérprete quién ejecuta cada uno; empareja los
    de `b` con los de `a` por tipo y forma de la salida, y reparte la diferencia entre las causas. Cada operador cuenta
    en una sola.

    Args:
        a: Los bytes o la ruta del `.tflite` de partida.
        b: Los del que decepciona.
        rounds: Rondas de cada medida, 6 o más para que el intervalo sea del 95 %.
        threads: Hilos de cálculo.

    Returns:
        `Diagnosis`.

    Raises:
        TypeError: Si `a` o `b` no son bytes ni una ruta, o `rounds` o `threads` no son enteros.
        ValueError: Si no se pueden analizar (véase `profiler.read`), o si no piden las mismas entradas.
        FileNotFoundError: Si alguna ruta no existe.

    Example:
        >>> from ligero import convert, models
        >>> float32 = convert.convert(models.digits_cnn(), "float32")
        >>> diagnose(float32, float32, rounds=6).causes
        ()
    """
    loaded = {name: _validate.tflite(model, name) for name, model in (("a", a), ("b", b))}
    profiles, tables, shapes = {}, {}, {}
    for name, model in loaded.items():
        with _blame(name):
            profiles[name] = profiler.profile(model, rounds, threads)
            tables[name] = _operators(model, profiles[name], threads)
            shapes[name] = sorted(tuple(map(int, d["shape"])) for d in interpreter(model).get_input_details())
    if shapes["a"] != shapes["b"]:
        raise ValueError(
            f"`a` pide entradas {shapes['a']} y `b`, {shapes['b']}: no son versiones de la misma red. "
            "Convierte las dos del mismo modelo y con la misma forma de entrada."
        )
    fixed = {"vacía": profiler.empty_model(), "mínima": roofline.product(1)}
    times = measure.latency(loaded | fixed, rounds, threads)
    ratio = measure.ratio(times["b"].to_numpy(), times["a"].to_numpy())
    # Cada perfil se midió en su rato: se lleva a la escala de las latencias, que van por parejas.
    latency = {"a": float(times["a"].median()), "b": float(times["a"].median()) * ratio.value}
    for name, table in tables.items():
        table["ms"] *= latency[name] / (profiles[name].total_ms + profiles[name].invoke_ms)
    rows, gone = _match(tables["a"], tables["b"])
    faster = ratio.high < 1 and ratio.value < 1 - _MARGIN
    slower = ratio.low > 1 and ratio.value > 1 + _MARGIN

    causes = []
    for kind, group in rows.groupby("causa"):
        before = gone if kind == WORK else float(group["ms_en_a"].sum())
        causes.append(_cause(kind, group, before, loaded, latency["b"], rows["tramo"].nunique()))
    causes.sort(key=lambda cause: -cause.ms)
    worth = [c for c in causes if c.fraction >= _RELEVANT and (slower or c.kind != KERNELS)]
    worth = worth or causes[: int(slower)]
    if not faster:
        worth = [*_fixed_cost(times, len(tables["a"])), *worth]
    return Diagnosis(_verdict(ratio, faster, slower, worth), ratio, tuple(worth), rows)


def coverage(model: bytes | str | Path) -> pd.DataFrame:
    """Quién ejecuta cada operador, según el plan que el intérprete ya tiene hecho.

    XNNPACK se queda con tramos del grafo y pone en el plan un nodo `DELEGATE` por tramo. Del nodo se conocen sus
    entradas y sus salidas: lo que hay entre unas y otras es suyo.

    Args:
        model: Los bytes del `.tflite` o la ruta.

    Returns:
        `indice`, `operador` y `tramo` (1, 2…; NaN si lo ejecuta LiteRT), en el orden del grafo. De los subgrafos de un
        bucle o una condición no se ve quién los ejecuta.

    Raises:
        TypeError, ValueError, FileNotFoundError: Como `profiler.read`.

    Example:
        >>> from ligero import convert, models
        >>> coverage(convert.convert(models.digits_cnn(), "int8"))["tramo"].notna().all()
        True
    """
    graph = profiler.read(model)
    operators = graph.subgraphs[0].operators
    maker = {tensor: i for i, operator in enumerate(operators) for tensor in operator.outputs}
    owner = {}
    nodes = [node for node in interpreter(model)._get_ops_details() if node["op_name"] == "DELEGATE"]
    for number, node in enumerate(nodes, 1):
        given, pending = set(node["inputs"]), list(node["outputs"])
        while pending:
            tensor = pending.pop()
            if tensor in maker and tensor not in given and maker[tensor] not in owner:
                owner[maker[tensor]] = number
                pending += operators[maker[tensor]].inputs
    rows = [(i, profiler.name(graph, operator), owner.get(i, np.nan)) for i, operator in enumerate(operators)]
    return pd.DataFrame(rows, columns=["indice", "operador", "tramo"])


@contextlib.contextmanager
def _blame(name: str) -> Iterator[None]:
    """Los errores de otros módulos dicen «`model`»; aquí hay dos."""
    try:
        yield
    except ValueError as error:
        raise ValueError(str(error).replace("`model`", f"`{name}`")) from error


def _operators(model: bytes, profile: profiler.Profile, threads: int) -> pd.DataFrame:
    """Los operadores que se ejecutan, con su tiempo y lo que tienen de particular (`rasgo`)."""
    graph, values = profiler.read(model), profiler.run(model)
    tensors = graph.subgraphs[0].tensors
    table = coverage(model).merge(profile.operators[["indice", "salida", "ms", "nota"]], on="indice")
    table = table[table.pop("nota") != profiler.CONSTANTS]
    table["turno"] = table.groupby(["operador", "salida"]).cumcount()
    table["rasgo"] = np.where(table["tramo"].isna(), UNDELEGATED, "")
    for i, kind in table["operador"].items():
        operator = graph.subgraphs[0].operators[i]
        weights = [
            t
            for t in operator.inputs
            if t >= 0 and _is_quantized(tensors[t]) and profiler.is_constant(graph, tensors[t])
        ]
        if kind in ("QUANTIZE", "DEQUANTIZE"):
            table.loc[i, "rasgo"] = CONVERSIONS
        elif weights and not any(_is_quantized(tensors[t]) for t in operator.outputs):
            table.loc[i, "rasgo"] = HYBRID
    alone = table[(table["rasgo"] == UNDELEGATED) & table["ms"].notna()]
    for _, group in alone.groupby("operador"):
        if group["ms"].sum() > _RELEVANT / 2 * table["ms"].sum() and _is_reference(
            graph, group["ms"].idxmax(), values, threads
        ):
            table.loc[group.index, "rasgo"] = REFERENCE
    return table


def _is_quantized(tensor: fb.TensorT) -> bool:
    return (
        fb.type_to_name(tensor.type) != "FLOAT32"
        and tensor.quantization is not None
        and tensor.quantization.scale is not None
    )


def _is_reference(graph: fb.ModelT, index: int, values: dict, threads: int) -> bool:
    """Si el operador, sin XNNPACK, tarda lo mismo que con las rutinas de referencia: es que usa esas."""
    alone = profiler.isolate(graph, index, values)
    sets = {"whole": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES, "reference": OpResolverType.BUILTIN_REF}
    times = profiler.time_rounds(
        {name: profiler.load(alone, values, threads, kernels) for name, kernels in sets.items()}, 7
    )
    return bool((times["reference"] / times["whole"]).median() <= _SAME_KERNEL)


def _match(a: pd.DataFrame, b: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Cada operador de `b` junto al de `a` del mismo tipo y forma de salida, y los ms de los de `a` sin pareja."""
    key = ["operador", "salida", "turno"]
    rows = b.merge(a[[*key, "ms", "rasgo"]], how="left", on=key, suffixes=("", "_en_a"))
    alone = rows["rasgo_en_a"].isna()
    same = ~alone & ((rows["rasgo"] == rows["rasgo_en_a"]) | (rows["rasgo"] == ""))
    rows["causa"] = rows["rasgo"].mask(same, KERNELS).mask(alone & (rows["rasgo"] != CONVERSIONS), WORK)
    only = a.merge(b[key], how="left", on=key, indicator=True)
    gone = float(only.loc[(only["_merge"] == "left_only") & (only["rasgo"] != CONVERSIONS), "ms"].sum())
    return rows.drop(columns=["turno", "rasgo", "rasgo_en_a"]), gone


def _cause(kind: str, group: pd.DataFrame, before: float, loaded: dict[str, bytes], latency: float, cut: int) -> Cause:
    spent = float(group["ms"].sum())
    names = tuple(group.groupby("operador")["ms"].sum().sort_values(ascending=False).index)
    count = "1 operador" if len(group) == 1 else f"{len(group)} operadores"
    evidence, remedy = f"{count} ({', '.join(names)})", _REMEDIES.get(kind, "")
    if kind == UNDELEGATED:
        evidence += f" no los ejecuta XNNPACK, que trabaja en {cut} tramos"
    elif kind == REFERENCE:
        evidence += ": sin XNNPACK tardan lo mismo que con las rutinas de referencia"
    elif kind == HYBRID:
        evidence += ": reciben float32, llevan pesos enteros y cuantizan las activaciones en cada inferencia"
    elif kind == CONVERSIONS:
        trips = _round_trips(profiler.read(loaded["b"]))
        evidence += f", con {trips} viajes de entero a float32 y vuelta"
        remedy = (
            "Lo que hay entre un DEQUANTIZE y un QUANTIZE sigue en float32: cámbialo por operadores con versión int8, "
            "o llévalo al principio o al final."
            if trips
            else "Pide la entrada y la salida enteras: `inference_input_type = inference_output_type = tf.int8`."
        )
    elif kind == WORK:
        counts = {name: roofline.operations(model)["operaciones"].sum() for name, model in loaded.items()}
        evidence += f" que `a` no tiene; `b` hace {counts['b'] / counts['a']:.2f} veces sus operaciones aritméticas"
    elif kind == KERNELS:
        evidence += f": tardan más que sus parejas de `a`; instrucción int8: {measure.int8_dot_product() or 'ninguna'}"
    evidence += f". Gastan {_time(spent)}, el {100 * spent / latency:.1f} % de `b`; en `a`, {_time(before)}."
    return Cause(kind, evidence, remedy, names, spent - before, (spent - before) / latency)


def _fixed_cost(times: pd.DataFrame, nodes: int) -> list[Cause]:
    """La causa `SMALL`, si más de la mitad de `a` se va en invocar y en pasar de un operador a otro."""
    each = (times["mínima"] - times["vacía"]).median()
    share = min(((times["vacía"] + nodes * each) / times["a"]).median(), 1.0)
    if share < 0.5:
        return []
    total, empty = times["a"].median(), times["vacía"].median()
    evidence = (
        f"El {100 * share:.1f} % de `a` ({_time(total)}) es coste fijo, que int8 no acelera: invocar una red vacía "
        f"cuesta {_time(empty)}, y un operador que apenas calcula, {_time(each)}."
    )
    return [Cause(SMALL, evidence, _REMEDIES[SMALL], (), share * total, share)]


def _round_trips(graph: fb.ModelT) -> int:
    """Cuántos QUANTIZE reciben algo que viene de un DEQUANTIZE."""
    back, trips, folded = set(), 0, profiler.constant_producers(graph)
    for index, operator in enumerate(graph.subgraphs[0].operators):
        kind = profiler.name(graph, operator)
        returned = bool(back & set(operator.inputs))
        trips += returned and kind == "QUANTIZE"
        if index not in folded and (kind == "DEQUANTIZE" or (returned and kind != "QUANTIZE")):
            back |= set(operator.outputs)
    return trips


def _verdict(ratio: measure.Interval, faster: bool, slower: bool, causes: list[Cause]) -> str:
    found = f"{ratio.value:.2f} veces lo que `a` [{ratio.low:.2f}, {ratio.high:.2f}]"
    if faster:
        more = ", aunque aún podría ganar más" if causes else ""
        return f"No hay problema: `b` es más rápido y tarda {found}{more}."
    if slower:
        return f"`b` es más lento: tarda {found}. Primera causa: {causes[0].kind}."
    if ratio.high > 1.25 or ratio.low < 0.8:
        return f"No se sabe: `b` tarda {found}. Repite con más rondas o con la máquina libre."
    return f"Son igual de rápidos: `b` tarda {found}." + (f" Lo frena: {causes[0].kind}." if causes else "")


def _time(ms: float) -> str:
    return f"{ms:.2f} ms" if ms >= 0.1 else f"{1000 * ms:.2f} µs"
