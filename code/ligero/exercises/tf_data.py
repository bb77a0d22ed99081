"""Ejercicios de `acelerar/tf-data`."""

import math
from collections.abc import Sequence

import numpy as np

from ligero.exercises import Trial, exercise


@exercise(
    "data-1",
    asks="Escribe `records_read(total, batch, ahead, consumed)`: cuántos registros ha leído ya la tubería.",
    first_hint="Cuenta lotes: los entregados y los que esperan. Después, registros; y el origen se acaba.",
)
def records_read(trial: Trial) -> str:
    """Orígenes de sobra, agotados, con un último lote corto y sin haber pedido nada."""
    for total, batch, ahead, consumed in (
        (200, 8, 3, 1),
        (200, 8, 3, 5),
        (1000, 32, 1, 4),
        (50, 16, 2, 1),
        (50, 16, 2, 2),
        (40, 16, 5, 1),
        (100, 10, 4, 0),
    ):
        shown = f"{total} registros, lotes de {batch}, prefetch({ahead}) y {consumed} lotes pedidos"
        got = trial.number(trial.call(total, batch, ahead, consumed, shown=shown), f"Con {shown}")
        wanted = min(total, batch * (consumed + ahead)) if consumed else 0
        trial.require(
            got == wanted,
            f"Con {shown}, tu función da {got:g} y la tubería ha leído {wanted}.",
            _read_hint(got, total, batch, ahead, consumed),
        )
    return "Con `batch` al final y `prefetch` delante, la cuenta cambia. ¿Cuántos registros serían?"


def _read_hint(got: float, total: int, batch: int, ahead: int, consumed: int) -> str:
    if consumed == 0:
        return "Nadie ha pedido nada todavía: el hilo del adelanto arranca con el primer `next`."
    if got > total:
        return "No se puede leer más de lo que hay en el origen."
    if got == batch * consumed + ahead:
        return "Has adelantado registros sueltos. Tras `batch`, un elemento es un lote."
    if got in (batch * consumed, batch * ahead):
        return "Suma los dos: los lotes entregados y los que esperan en el adelanto."
    return "El último lote puede ser corto: el origen no se redondea al múltiplo de abajo."


@exercise(
    "data-2",
    asks="Escribe `time_bound(etl_cpu, net_cpu, serial, cores, accelerator)`: la cota de la duración, en segundos.",
    first_hint="¿Qué trabajo tienen que hacer los núcleos en cada caso? Y ninguna etapa dura menos que ella misma.",
)
def time_bound(trial: Trial) -> str:
    """Casos en que manda el reparto y en que manda la etapa en serie, con y sin acelerador."""
    for etl, net, serial, cores, accelerator in (
        (12.0, 6.0, 4.0, 2, False),
        (12.0, 6.0, 5.0, 4, True),
        (1.0, 1.0, 8.0, 4, False),
        (3.0, 9.0, 2.0, 8, False),
        (3.0, 9.0, 0.2, 8, True),
        (10.0, 0.5, 5.0, 1, True),
    ):
        where = "en un acelerador" if accelerator else "en la CPU"
        shown = f"{etl:g} s de tubería, {net:g} s de red {where}, etapa en serie de {serial:g} s y {cores} núcleos"
        got = trial.number(trial.call(etl, net, serial, cores, accelerator, shown=shown), f"Con {shown}")
        wanted = max((etl if accelerator else etl + net) / cores, serial)
        trial.require(
            math.isclose(got, wanted, rel_tol=1e-9),
            f"Con {shown}, tu cota es {got:.4g} s y es {wanted:.4g}.",
            _bound_hint(got, etl, net, serial, cores, accelerator),
        )
    return "Si mides menos que la cota, algo está mal: ¿qué te has dejado fuera, los núcleos o el trabajo?"


def _bound_hint(got: float, etl: float, net: float, serial: float, cores: int, accelerator: bool) -> str:
    def near(value: float) -> bool:
        return math.isclose(got, value, rel_tol=1e-9)

    if accelerator and near(max((etl + net) / cores, serial)):
        return "Con acelerador la red no gasta núcleos: quedan todos para la tubería."
    if not accelerator and near(max(etl / cores, serial)):
        return "Sin acelerador, la red se calcula en los mismos núcleos que la tubería."
    if near((etl if accelerator else etl + net) / cores):
        return "Falta la etapa en serie: por muchos núcleos que haya, esa no se reparte."
    if near((etl if accelerator else etl + net) / cores + serial):
        return "Las etapas se solapan: no se suman, manda la mayor."
    return "Reparte los segundos de procesador entre los núcleos y compara con lo que no se reparte."


@exercise(
    "data-3",
    asks="Escribe `buffered_shuffle(items, size, rng)`: los elementos, en un orden que daría `shuffle(size)`.",
    first_hint="La memoria siempre está llena mientras queden elementos: sale uno al azar y entra el siguiente.",
)
def buffered_shuffle(trial: Trial) -> str:
    """Comprueba qué sale, cuánto se adelanta cada uno y que todos los órdenes posibles son igual de probables."""
    for n, size in ((20, 5), (50, 50), (10, 1), (6, 100), (30, 2)):
        shown = f"{n} elementos y memoria de {size}"
        items = [10 * i for i in range(n)]
        given = list(items)
        got = _listed(trial, trial.call(given, size, np.random.default_rng(n), shown=shown), shown)
        trial.require(
            given == items,
            f"Con {shown}, tu función cambia la lista que recibe.",
            "Copia antes: quien te llama puede seguir necesitándola.",
        )
        trial.require(
            sorted(got) == items,
            f"Con {shown}, salen {len(got)} elementos, {len(set(got))} distintos; se esperan los {n}.",
            "¿Qué pasa con los que quedan en la memoria cuando se acaba la cola?",
        )
        early = max(items.index(item) - place for place, item in enumerate(got))
        trial.require(
            early < size,
            f"Con {shown}, un elemento sale {early:g} puestos antes de su sitio.",
            "Nadie sale sin haber entrado en la memoria: al principio solo están los `size` primeros.",
        )
    counts: dict[tuple, int] = {}
    rng = np.random.default_rng(7)
    for _ in range(3000):
        order = tuple(_listed(trial, trial.call([0, 1, 2], 2, rng, shown="[0, 1, 2] y memoria de 2"), "[0, 1, 2]"))
        counts[order] = counts.get(order, 0) + 1
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0)):
        share = counts.get(order, 0) / 3000
        trial.require(
            0.2 < share < 0.3,
            f"Con [0, 1, 2] y memoria de 2, el orden {list(order)} sale el {100 * share:.0f} % de las veces, no el 25.",
            "En cada turno, cualquiera de la memoria con la misma probabilidad, y su hueco lo ocupa el siguiente.",
        )
    return "Con los ficheros ordenados por clase y sin memoria para todos, ¿qué barajarías en lugar de los ejemplos?"


@exercise(
    "data-4",
    asks="Escribe `interleaved(sources, cycle_length, block_length)`: el orden en que salen los elementos.",
    first_hint="Hay `cycle_length` huecos y un turno que los recorre. Empieza con fuentes igual de largas.",
)
def interleaved(trial: Trial) -> str:
    """Compara con la regla de `tf.data` en fuentes iguales, desiguales, vacías de sobra y con bloques."""
    a, b, c, d = (list(range(100 * k, 100 * k + n)) for k, n in ((1, 3), (2, 5), (3, 2), (4, 4)))
    for sources, cycle, block in (
        ([a, d[:3]], 2, 1),
        ([a, b, c, d], 2, 1),
        ([b, d], 2, 2),
        ([b, c, d, a], 3, 2),
        ([a, b, c], 1, 1),
        ([c, a], 5, 1),
        ([b, d, a], 2, 3),
    ):
        shown = f"fuentes de {[len(s) for s in sources]} elementos, cycle_length={cycle} y block_length={block}"
        got = _listed(trial, trial.call([list(s) for s in sources], cycle, block, shown=shown), shown)
        wanted = _interleave(sources, cycle, block)
        trial.require(
            got == wanted,
            f"Con {shown}, tu orden es {got} y `interleave` da {wanted}.",
            _interleave_hint(got, sources, cycle, block, wanted),
        )
    return "¿Qué orden dejaría el último fichero largo sin compañía, y cómo repartirías los registros para evitarlo?"


def _interleave(sources: Sequence[list], cycle: int, block: int) -> list:
    waiting = [list(source) for source in sources]
    slots = [waiting.pop(0) if waiting else None for _ in range(cycle)]
    result, turn = [], 0
    while any(slot is not None for slot in slots):
        slot = slots[turn]
        if slot is not None:
            result += slot[:block]
            del slot[:block]
            if not slot:
                slots[turn] = waiting.pop(0) if waiting else None
        turn = (turn + 1) % cycle
    return result


def _interleave_hint(got: list, sources: list, cycle: int, block: int, wanted: list) -> str:
    if got == [item for source in sources for item in source]:
        return "Eso es leer una fuente detrás de otra. Alterna entre las que están abiertas."
    if sorted(got) != sorted(wanted):
        return "Faltan elementos o sobran: cuando una fuente se agota, abre la siguiente hasta que no quede ninguna."
    if block > 1 and got == _interleave(sources, cycle, 1):
        return "De cada fuente se toman `block_length` elementos seguidos antes de pasar a la siguiente."
    if got == _interleave(sources, len(sources), block):
        return "Has abierto todas a la vez. Solo hay `cycle_length` abiertas; las demás esperan un hueco."
    return "La fuente nueva ocupa el hueco de la agotada, y el turno pasa al hueco siguiente."


@exercise(
    "data-5",
    asks="Escribe `culprit(spans)`: la etapa que más tiempo trabaja mientras la red no entrena.",
    first_hint="Busca los huecos del entrenamiento. Dentro de un hueco, ¿qué etapas están en marcha?",
)
def culprit(trial: Trial) -> str:
    """Trazas en que engañan la etapa más larga, los hilos en paralelo y lo que ocurre antes de empezar."""
    cases = [
        (
            "por turnos",
            [("leer", 0, 2), ("entrenar", 2, 3), ("leer", 3, 6), ("mapear", 6, 7), ("entrenar", 7, 8)],
            "leer",
        ),
        (
            "la más larga se solapa",
            [("entrenar", 1, 5), ("leer", 1, 5), ("mapear", 5, 6), ("entrenar", 6, 9.5), ("leer", 6, 9)],
            "mapear",
        ),
        (
            "dos hilos a la vez",
            [("entrenar", 0, 1), *[("leer", 1, 2)] * 3, ("mapear", 2, 4), ("entrenar", 4, 5)],
            "mapear",
        ),
        ("antes de empezar", [("abrir", 0, 50), ("entrenar", 50, 51), ("leer", 51, 52), ("entrenar", 52, 53)], "leer"),
        ("nunca para", [("leer", 0, 4), ("entrenar", 0, 2), ("entrenar", 2, 4)], "nadie"),
        (
            "a medias dentro del hueco",
            [("entrenar", 0, 10), ("leer", 8, 12), ("mapear", 12, 15), ("entrenar", 15, 16)],
            "mapear",
        ),
    ]
    for name, spans, wanted in cases:
        got = trial.text(trial.call([tuple(span) for span in spans], shown=f"«{name}»"), f"Con «{name}»")
        trial.require(
            got == wanted,
            f"Con «{name}», acusas a «{got}» y es «{wanted}». Los tramos: {spans}.",
            _CULPRIT_HINTS[name],
        )
    return "Quitas la culpable y la figura cambia. ¿Cómo sabrías, sin probar, cuánto ganarías como mucho?"


_CULPRIT_HINTS = {
    "por turnos": "Suma, de cada etapa, lo que trabaja fuera del entrenamiento. Más tramos no es más tiempo.",
    "la más larga se solapa": "La etapa más larga no estorba mientras la red entrena: cuenta lo que cae en un hueco.",
    "dos hilos a la vez": "Tres hilos leyendo a la vez durante un segundo son un segundo, no tres.",
    "antes de empezar": "Cuenta solo entre el primer entrenamiento y el último: el arranque no se puede solapar.",
    "nunca para": "Sin huecos no hay culpable: «nadie».",
    "a medias dentro del hueco": "Un tramo puede empezar antes del hueco: cuenta solo la parte que cae dentro.",
}


def _listed(trial: Trial, value: object, shown: str) -> list:
    trial.require(
        isinstance(value, list | tuple | np.ndarray),
        f"Con {shown}, tu función devuelve {type(value).__name__}.",
        "Devuelve una lista con los elementos en su orden.",
    )
    return list(value)
