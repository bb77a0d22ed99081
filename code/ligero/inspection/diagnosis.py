"""«¿Por qué mi int8 va más lento?»: compara dos `.tflite` operador a operador y dice la causa, con su prueba."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from ai_edge_litert.interpreter import OpResolverType
from ai_edge_litert.tools import flatbuffer_utils as fb

from ligero import _validate, measure
from ligero.inspection import profiler, roofline
from ligero.runtime import interpreter

SMALL, CONVERSIONS, HYBRID = "red demasiado pequeña", "conversiones de ida y vuelta", "operadores híbridos"
REFERENCE, UNDELEGATED = "rutinas de referencia", "operadores sin delegar"
WORK, KERNELS = "trabajo distinto", "rutinas más lentas"

_TURNS = 3  # perfiles de cada modelo, alternos
# De cada tiempo vale el cuartil inferior: el ruido suma, y el mínimo engaña, porque una rutina de LiteRT puede tardar
# el triple detrás de una de XNNPACK, como en la red, que detrás de un modelo vacío.
_LOW = 0.25
_MARGIN = 0.05  # dos latencias más cercanas que esto se dan por iguales
_RELEVANT = 0.1  # una causa pesa al menos esta parte del tiempo de `b`
_EXPLAINED = 0.8  # si los operadores de `b` a solas no suman al menos esto, se dice
_SAME_KERNEL = 1.25  # si con la rutina de referencia no tarda más que esto, es que usa esa
_HEAVY = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL")
_INT8 = "`supported_ops = [TFLITE_BUILTINS_INT8]`, datos representativos y entrada y salida `tf.int8`"
_FACTS = {
    SMALL: "el {share:.1f} % es coste fijo, que int8 no acelera: {empty} por invocar y {each} por operador",
    CONVERSIONS: "entre enteros y float32; idas y vueltas en mitad de la red: {trips}",
    HYBRID: "con entrada float32 y pesos enteros: hay que cuantizar las activaciones en cada inferencia",
    REFERENCE: "fuera de XNNPACK y con la rutina de referencia: con `BUILTIN_REF` se tarda lo mismo",
    UNDELEGATED: "fuera de XNNPACK; tramos del grafo que sí ejecuta: {pieces}",
    WORK: "sin pareja en `a`: `b` hace {more:.2f} veces sus operaciones aritméticas",
    KERNELS: "con una rutina más lenta que la de `a` (instrucción int8 de esta CPU: {int8})",
}
_REMEDIES = {
    SMALL: "No busques aquí la latencia: quita operadores o agrupa inferencias. int8 solo te ahorra bytes.",
    CONVERSIONS: f"Cuantiza todo el camino: {_INT8}; si es QAT, con `optimizations`. Cambia lo que siga en float32.",
    HYBRID: f"Cuantiza también las activaciones: {_INT8}.",
    REFERENCE: "Usa tipos que tengan rutina rápida (16x8 no la tiene) u otro operador que la tenga.",
    UNDELEGATED: "Cámbialos por operadores que XNNPACK admita con esos tipos, o sácalos de la red.",
    WORK: "Comprueba que los dos ficheros salen de la misma red, con las mismas capas y el mismo ancho.",
    KERNELS: "Mide en el aparato de destino. Si allí tampoco ganan, deja esa parte en float32 o usa float16.",
}


@dataclass(frozen=True)
class Cause:
    """Una causa: `kind` (constante del módulo), `evidence` (lo medido), `remedy` y los tipos de operador.

    `ms` es lo que `b` gasta en ella y `a` no (en `SMALL`, el coste fijo), y `fraction`, qué parte es del tiempo de `b`.
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

    `ratio` es lo que tarda `b` entre lo que tarda `a`; `causes`, de más a menos tiempo, ninguna si no hay problema.
    `counts` tiene una fila por modelo: operadores que se ejecutan, cuántos en XNNPACK y en cuántos tramos, idas y
    vueltas a float32, operadores con rutina de referencia (de los que pesan) e híbridos.
    `operators` tiene los de `b`: `indice`, `operador`, `tramo` (véase `coverage`), `salida`, `operaciones`, `ms`,
    `ms_en_a` (NaN si `a` no lo tiene) y la `causa` en que cuenta.
    """

    verdict: str
    ratio: measure.Interval
    causes: tuple[Cause, ...]
    counts: pd.DataFrame
    operators: pd.DataFrame

    def __str__(self) -> str:
        """El veredicto; debajo, las causas numeradas con su remedio, y los recuentos."""
        return self._repr_markdown_().replace("**", "")

    def _repr_markdown_(self) -> str:
        causes = [f"{i}. **{c.kind}.** {c.evidence} {c.remedy}" for i, c in enumerate(self.causes, 1)]
        counts = self.counts.rename(index="`{}`".format).to_markdown()
        return "\n\n".join(filter(None, [f"**{self.verdict}**", "\n".join(causes), counts]))


def diagnose(a: bytes | str | Path, b: bytes | str | Path, rounds: int = 30, threads: int = 1) -> Diagnosis:
    """Dice por qué `b` (el cuantizado) no es más rápido que `a` (el original), con lo medido en esta máquina.

    Cronometra los dos por turnos y cada operador a solas, pregunta al intérprete quién lo ejecuta, empareja los de `b`
    con los de `a` por tipo, forma de la salida y operaciones, y apunta cada diferencia a una sola causa.

    Args:
        a: Los bytes del `.tflite` de partida, o su ruta.
        b: Los del que decepciona.
        rounds: Rondas de cada medida; las dos latencias llevan el triple.
        threads: Hilos de cálculo.

    Returns:
        `Diagnosis`.

    Raises:
        TypeError, ValueError, FileNotFoundError: Si algún argumento no vale, si un modelo no se puede analizar (véase
            `profiler.read`) o si no piden las mismas entradas.

    Example:
        >>> from ligero import convert, models
        >>> float32 = convert.convert(models.digits_cnn(), "float32")
        >>> diagnose(float32, float32, rounds=6).operators["operador"].tolist()[:3]
        ['CONV_2D', 'CONV_2D', 'MAX_POOL_2D']
    """
    _validate.positive_int(rounds, "rounds")
    loaded = {name: _validate.tflite(model, name) for name, model in (("a", a), ("b", b))}
    graphs, inputs, profiles, tables = {}, {}, {"a": [], "b": []}, {}
    try:
        for name, model in loaded.items():
            graphs[name] = profiler.read(model)
            inputs[name] = sorted(detail["shape"].tolist() for detail in interpreter(model).get_input_details())
        if inputs["a"] != inputs["b"]:
            raise ValueError(f"`a` recibe {inputs['a']} y `b`, {inputs['b']}: no son versiones de la misma red.")
        for _ in range(_TURNS):
            for name, model in loaded.items():
                profiles[name].append(profiler.profile(model, -(-rounds // _TURNS), threads))
        for name, model in loaded.items():
            tables[name] = _operators(model, profiles[name], rounds, threads)
    except ValueError as error:  # otros módulos dicen «`model`», y aquí hay dos
        raise ValueError(str(error).replace("`model`", f"`{name}`")) from error
    counts = {name: _counts(graphs[name], table) for name, table in tables.items()}
    runners = {name: profiler.load(model, profiler.run(model), threads) for name, model in loaded.items()}
    times = profiler.time_rounds(runners, 3 * rounds, even=True)
    fixed = measure.latency({"empty": profiler.empty_model(), "tiny": roofline.product(1)}, rounds).quantile(_LOW)
    ratio = measure.ratio(times["b"].to_numpy(), times["a"].to_numpy())
    best = {name: min(times[name].quantile(_LOW), table.attrs["whole"]) for name, table in tables.items()}
    faster = ratio.high < 1 and ratio.value < 1 - _MARGIN
    slower = ratio.low > 1 and ratio.value > 1 + _MARGIN

    rows, gone = _match(tables["a"], tables["b"])
    each = fixed["tiny"] - fixed["empty"]
    share = min((fixed["empty"] + len(tables["a"]) * each) / best["a"], 1)
    work = {name: table["operaciones"].clip(lower=0).sum() for name, table in tables.items()}
    facts = {"pieces": counts["b"]["tramos"], "trips": counts["b"]["idas y vueltas"]}
    facts["more"] = work["b"] / max(work["a"], 1)
    facts |= {"share": 100 * share, "empty": _time(fixed["empty"]), "each": _time(each)}
    facts["int8"] = measure.int8_dot_product() or "ninguna conocida"
    said = {kind: fact.format(**facts) for kind, fact in _FACTS.items()}
    causes = [_cause(k, said[k], group, gone * (k == WORK), best["b"]) for k, group in rows.groupby("causa")]
    causes.sort(key=lambda cause: -cause.ms)
    worth = [c for c in causes if c.fraction >= _RELEVANT and (slower or c.kind != KERNELS)]
    worth += [c for c in causes if c.kind == WORK and c not in worth and facts["more"] > 1 + _RELEVANT]
    if share >= 0.5 and not faster:
        evidence = f"`a` tarda {_time(best['a'])}: {said[SMALL]}."
        worth.insert(0, Cause(SMALL, evidence, _REMEDIES[SMALL], (), share * best["a"], share))
    worth = worth or causes[:slower]
    verdict, alone = _verdict(ratio, faster, slower, worth), rows["ms"].sum() / best["b"]
    if slower and alone < _EXPLAINED and share < 0.5:
        verdict += f" A solas, sus operadores suman el {100 * alone:.1f} % del tiempo: el resto se pierde entre ellos."
    return Diagnosis(verdict, ratio, tuple(worth), pd.DataFrame(counts).T, rows)


def coverage(model: bytes | str | Path) -> pd.DataFrame:
    """Quién ejecuta cada operador, según el plan del intérprete.

    XNNPACK se queda con tramos del grafo y pone un nodo `DELEGATE` por cada uno. De él se conocen las entradas y las
    salidas: lo que hay entre unas y otras es suyo. Dentro de un bucle o una condición no se ve.

    Args:
        model: Los bytes del `.tflite` o la ruta; si no vale, falla como `profiler.read`.

    Returns:
        `indice`, `operador` y `tramo` (1, 2…; NaN si lo ejecuta LiteRT), en el orden del grafo.

    Example:
        >>> from ligero import convert, models
        >>> table = coverage(convert.convert(models.digits_cnn(), "float32"))
        >>> table[table["tramo"].isna()]["operador"].tolist()  # por el lote abierto, la forma se calcula al ejecutar
        ['SHAPE', 'STRIDED_SLICE', 'PACK', 'RESHAPE']
    """
    graph = profiler.read(model)
    operators = graph.subgraphs[0].operators
    maker = {tensor: i for i, operator in enumerate(operators) for tensor in operator.outputs}
    owner = dict.fromkeys(range(len(operators)), np.nan)
    nodes = [node for node in interpreter(model)._get_ops_details() if node["op_name"] == "DELEGATE"]
    for number, node in enumerate(nodes, 1):
        seen, pending = set(node["inputs"]), list(node["outputs"])
        while pending:
            tensor = pending.pop()
            if tensor in maker and tensor not in seen:
                owner[maker[tensor]] = number
                pending += operators[maker[tensor]].inputs
            seen.add(tensor)
    rows = [(i, profiler.name(graph, operator), owner[i]) for i, operator in enumerate(operators)]
    return pd.DataFrame(rows, columns=["indice", "operador", "tramo"])


def _operators(model: bytes, profiles: list[profiler.Profile], rounds: int, threads: int) -> pd.DataFrame:
    """Los operadores que se ejecutan, con lo mejor de sus perfiles y lo que tienen de particular (`rasgo`)."""
    graph, values = profiler.read(model), profiler.run(model)
    table = coverage(model).join(profiles[0].operators[["salida", "nota"]])
    table["operaciones"] = roofline.operations(model)["operaciones"].fillna(-1)
    best = pd.concat([p.samples for p in profiles]).quantile(_LOW)
    table["ms"] = (best - best["empty"]).clip(lower=0).reindex(table.index)
    table = table[table.pop("nota") != profiler.CONSTANTS]
    table["turno"] = table.groupby(["operador", "salida", "operaciones"]).cumcount()
    table["rasgo"] = [_trait(graph, i, tramo) for i, tramo in table["tramo"].items()]
    # XNNPACK funde los operadores ligeros de un tramo: juntos cuestan menos que la suma.
    light = table["tramo"].notna() & ~table["operador"].isin(_HEAVY)
    surplus = max(table["ms"].sum() - best["whole"] + best["empty"], 0)
    table.loc[light, "ms"] *= max(1 - surplus / max(table.loc[light, "ms"].sum(), 1e-9), 0)
    for _, group in table[(table["rasgo"] == UNDELEGATED) & table["ms"].notna()].groupby("operador"):
        if group["ms"].sum() > _RELEVANT / 2 * table["ms"].sum():
            alone = profiler.isolate(graph, group["ms"].idxmax(), values)
            sets = {"whole": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES, "slow": OpResolverType.BUILTIN_REF}
            runners = {name: profiler.load(alone, values, threads, kernels) for name, kernels in sets.items()}
            kernel = profiler.time_rounds(runners, rounds).quantile(_LOW)
            if kernel["slow"] <= _SAME_KERNEL * kernel["whole"]:
                table.loc[group.index, "rasgo"] = REFERENCE
    table.attrs["whole"] = best["whole"]
    return table


def _trait(graph: fb.ModelT, index: int, piece: float) -> str:
    operator, tensors = graph.subgraphs[0].operators[index], graph.subgraphs[0].tensors
    if profiler.name(graph, operator) in ("QUANTIZE", "DEQUANTIZE"):
        return CONVERSIONS
    scales = {
        t: getattr(tensors[t].quantization, "scale", None) for t in (*operator.inputs, *operator.outputs) if t >= 0
    }
    integer = {t for t, scale in scales.items() if scale is not None}
    if any(profiler.is_constant(graph, tensors[t]) for t in integer) and not integer & set(operator.outputs):
        return HYBRID
    return UNDELEGATED if np.isnan(piece) else ""


def _match(a: pd.DataFrame, b: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Los operadores de `b` con su pareja de `a` y su causa, y los ms de los de `a` que se quedan sin pareja."""
    key = ["operador", "salida", "operaciones", "turno"]
    rows = b.merge(a[[*key, "ms", "rasgo"]], how="left", on=key, suffixes=("", "_en_a"))
    alone = rows["rasgo_en_a"].isna()
    same = (rows["rasgo"] == "") | (rows["rasgo"] == rows["rasgo_en_a"])
    rows["causa"] = rows["rasgo"].mask(same, KERNELS).mask(alone & (rows["rasgo"] != CONVERSIONS), WORK)
    left = a.merge(b[key], how="left", on=key, indicator="en_b")
    gone = left.loc[(left["en_b"] == "left_only") & (left["rasgo"] != CONVERSIONS), "ms"].sum()
    return rows.drop(columns=["turno", "rasgo", "rasgo_en_a"]), gone


def _cause(kind: str, fact: str, group: pd.DataFrame, gone: float, total: float) -> Cause:
    extra = (group["ms"] - group["ms_en_a"].fillna(0)).groupby(group["operador"]).sum().sort_values(ascending=False)
    names = tuple(extra.index[: max((extra > 0).sum(), 1)])
    group = group[group["operador"].isin(names)]
    spent, before = group["ms"].sum(), group["ms_en_a"].sum() + gone
    cost = f"{_time(spent)}, el {100 * spent / total:.1f} % del tiempo de `b`; en `a`, {_time(before)}"
    evidence = f"{len(group)} operador{'es' * (len(group) > 1)} ({', '.join(names[:4])}) {fact}. Coste: {cost}."
    return Cause(kind, evidence, _REMEDIES[kind], names, spent - before, (spent - before) / total)


def _counts(graph: fb.ModelT, table: pd.DataFrame) -> dict[str, int]:
    inside, trait = table["tramo"], table["rasgo"]
    found = {"operadores": len(table), "en XNNPACK": int(inside.notna().sum()), "tramos": inside.nunique()}
    found |= {"idas y vueltas": _round_trips(graph), "de referencia": int((trait == REFERENCE).sum())}
    return found | {"híbridos": int((trait == HYBRID).sum())}


def _round_trips(graph: fb.ModelT) -> int:
    """Cuántos QUANTIZE reciben algo que viene de un DEQUANTIZE."""
    back, trips, folded = set(), 0, profiler.constant_producers(graph)
    for index, operator in enumerate(graph.subgraphs[0].operators):
        kind, returned = profiler.name(graph, operator), bool(back & set(operator.inputs))
        trips += returned and kind == "QUANTIZE"
        if kind != "QUANTIZE" and (returned or (kind == "DEQUANTIZE" and index not in folded)):
            back |= set(operator.outputs)
    return trips


def _verdict(ratio: measure.Interval, faster: bool, slower: bool, causes: list[Cause]) -> str:
    found = f"`b` tarda {ratio.value:.2f} veces lo que `a` [{ratio.low:.2f}, {ratio.high:.2f}]."
    if faster:
        return f"No hay problema: {found}" + " Aún podría ganar más:" * bool(causes)
    if slower:
        return f"{found} Primera causa: {causes[0].kind}."
    if ratio.high - ratio.low > 4 * _MARGIN:
        return f"No se sabe: {found} Repite con más rondas o con la máquina libre."
    return f"Igual de rápidos: {found}" + (f" Lo que frena a `b`: {causes[0].kind}." if causes else "")


def _time(ms: float) -> str:
    return f"{ms:.2f} ms" if ms >= 0.1 else f"{1000 * ms:.2f} µs"
