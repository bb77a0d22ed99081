"""Ejercicios de `reducir/aceleradores`."""

import random

from ligero.exercises import Trial, exercise

_CROSSINGS = (  # qué, operadores, en el acelerador, salidas, viajes, y la pista si no sale
    (
        "una cadena con todo en el acelerador",
        [(["x"], ["a"]), (["a"], ["y"])],
        {0, 1},
        ["y"],
        2,
        "La entrada del modelo está en la CPU y la salida se lee en la CPU, aunque nadie más la lea.",
    ),
    (
        "un tensor que leen dos operadores del otro lado",
        [(["x"], ["a"]), (["a"], ["b"]), (["a"], ["c"]), (["b", "c"], ["y"])],
        {0},
        ["y"],
        2,
        "Un tensor viaja una sola vez por muchos que lo lean: apunta tensores, no lecturas.",
    ),
    (
        "una red que no usa el acelerador",
        [(["x"], ["a"]), (["a"], ["y"])],
        set(),
        ["y"],
        0,
        "Sin acelerador no hay viaje.",
    ),
    (
        "una salida que además leen en el otro lado",
        [(["x"], ["a"]), (["a"], ["b"])],
        {0},
        ["a", "b"],
        2,
        "«a» es salida y además la lee la CPU: sigue siendo un tensor, y vuelve una vez.",
    ),
    (
        "una rama que va y vuelve",
        [(["x"], ["a"]), (["a"], ["b"]), (["b", "z"], ["c", "d"]), (["d"], ["y"])],
        {0, 2},
        ["y", "c"],
        6,
        "Recorre las dos direcciones: de la CPU al acelerador («x», «b», «z») y del acelerador a la CPU.",
    ),
)


@exercise(
    "aceleradores-1",
    asks="Escribe `crossings(operators, placed, outputs)`: los tensores que viajan entre la CPU y el acelerador.",
    first_hint="Anota dónde nace cada tensor; después mira quién lo lee y en qué lado está.",
)
def crossings(trial: Trial) -> str:
    """Cadenas, ramas, salidas leídas a los dos lados y grafos al azar."""
    cases = [*_CROSSINGS, *(("un grafo al azar", *case) for case in _random_graphs())]
    for where, operators, placed, outputs, expected, hint in cases:
        shown = f"{where} ({operators}, {placed or 'set()'}, {outputs})"
        got = trial.number(trial.call(_copy(operators), set(placed), list(outputs), shown=shown), f"Con {where}")
        trial.require(
            isinstance(got, int),
            f"Con {where}, tu función devuelve {got!r} y se espera un entero.",
            "Los tensores se cuentan: `len(...)` ya da un entero.",
        )
        trial.require(got == expected, f"Con {shown}, tu función da {got} y es {expected}.", hint)
    return "¿Qué operador moverías de lado para que viajaran menos tensores, y qué perderías?"


_RAMIFIED = [(["x"], ["a"]), (["x"], ["b"]), (["a"], ["c"]), (["b"], ["d"]), (["c", "d"], ["e"]), (["d"], ["f"])]
_PARTITIONS = (
    ("una cadena cortada en medio", [(["x"], ["a"]), (["a"], ["b"]), (["b"], ["c"])], {0, 2}, {0}),
    ("una rama que no pasa por el corte", _RAMIFIED, {1, 2, 3, 4, 5}, {1, 3, 5}),
    ("todo admitido", _RAMIFIED, {0, 1, 2, 3, 4, 5}, {0, 1, 2, 3, 4, 5}),
    ("nada admitido", _RAMIFIED, set(), set()),
    ("un corte que llega de lejos", _RAMIFIED, {0, 2, 3, 4, 5}, {0, 2}),
)
_DEPENDENCE = (
    "Lo que depende del corte, también a través de otros, se queda en la CPU; lo que no depende, no. Lleva la "
    "cuenta de los **tensores** que salen de la CPU, no de las posiciones."
)


@exercise(
    "aceleradores-2",
    asks="Escribe `partition(operators, supported)`: los operadores que van al acelerador, con un solo tramo y ramas.",
    first_hint="Recorre los operadores en orden y guarda los tensores que salen de la CPU.",
)
def partition(trial: Trial) -> str:
    """Cadenas, ramas y grafos al azar, comparados con la definición por caminos."""
    random_cases = [
        ("un grafo al azar", operators, placed, _reachable(operators, placed))
        for operators, placed, *_ in _random_graphs()
    ]
    for where, operators, supported, expected in (*_PARTITIONS, *random_cases):
        shown = f"{where} ({operators}, admitidos {supported or 'set()'})"
        given = set(supported)
        got = trial.call(_copy(operators), given, shown=shown)
        trial.require(
            isinstance(got, set) and all(type(i) is int for i in got),
            f"Con {where}, tu función devuelve {type(got).__name__} y se espera un conjunto de posiciones.",
            "Empieza con `placed = set()` y añade posiciones con `.add(index)`.",
        )
        trial.require(
            given == supported,
            f"Con {where}, tu función cambia `supported`.",
            "Quien te lo pasa puede necesitarlo después: trabaja con un conjunto tuyo.",
        )
        extra, absent = sorted(got - expected), sorted(expected - got)
        problem = f"sobra el {extra[0]}" if extra else f"falta el {absent[0]}" if absent else ""
        trial.require(not problem, f"Con {shown}, {problem}: son {sorted(expected)} y das {sorted(got)}.", _DEPENDENCE)
    return "Si el compilador pudiera hacer dos tramos, ¿qué operadores recuperarías y cuántos viajes añadirías?"


_NONE = (0, 0)
_SEGMENTS = (
    ("un operador que no se admite en medio", [4.0, 4.0, 9.0, 5.0], [1.0, 1.0, None, 1.0], 0.5, (0, 2)),
    ("viajes más caros que la ganancia", [1.0, 1.0], [0.4, 0.4], 0.7, _NONE),
    ("un acelerador que no admite nada", [3.0, 2.0], [None, None], 0.1, _NONE),
    ("un operador que la CPU hace mejor, entre dos que no", [6.0, 1.0, 6.0], [1.0, 2.0, 1.0], 1.0, (0, 3)),
    ("un operador que la CPU hace mejor, al principio", [1.0, 6.0, 6.0], [2.0, 1.0, 1.0], 1.0, (1, 3)),
    ("dos tramos que ahorran lo mismo", [5.0, 9.0, 2.0, 2.0, 9.0, 1.0], [1.0, None, 1.0, 1.0, None, 1.0], 0.5, (0, 1)),
    ("un tramo que se puede alargar sin ganar nada", [5.0, 2.0, 1.0], [1.0, 2.0, 1.0], 1.0, (0, 1)),
    ("una cadena vacía", [], [], 1.0, _NONE),
)


@exercise(
    "aceleradores-3",
    asks="Escribe `best_segment(cpu, accelerator, trip)`: el tramo que más acelera la red, o `(0, 0)`.",
    first_hint="Escribe primero cuánto ahorra un tramo cualquiera; después, prueba todos.",
)
def best_segment(trial: Trial) -> str:
    """Casos con trampa y cadenas al azar, comparadas con probar todos los tramos."""
    draw = random.Random(5)
    cases = list(_SEGMENTS)
    for _ in range(25):
        size = draw.randint(1, 12)
        cpu = [float(draw.randint(1, 12)) for _ in range(size)]
        fast = [None if draw.random() < 0.25 else float(draw.randint(1, 8)) for _ in range(size)]
        trip = float(draw.randint(0, 4))
        cases.append(("una cadena al azar", cpu, fast, trip, _best(cpu, fast, trip)))
    for where, cpu, fast, trip, expected in cases:
        shown = f"{where} (CPU {cpu}, acelerador {fast}, viaje {trip:g})"
        got = trial.call(list(cpu), list(fast), trip, shown=shown)
        trial.require(
            type(got) is tuple and len(got) == 2 and all(type(i) is int for i in got),
            f"Con {where}, tu función devuelve {type(got).__name__} y se espera una tupla de dos enteros.",
            "`(inicio, fin)` es una tupla; `fin` es la posición siguiente a la última, como en `range`.",
        )
        trial.require(
            got == expected, f"Con {shown}, tu función da {got} y es {expected}.", _segment_hint(got, expected)
        )
    return "Si el acelerador pudiera hacer dos tramos, ¿bastaría con llamar dos veces a tu función?"


def _segment_hint(got: tuple, expected: tuple) -> str:
    if expected == _NONE:
        return "Ningún tramo mejora a la CPU sola: cuenta los dos viajes y los operadores que no se admiten."
    if got == _NONE:
        return (
            "Hay un tramo que ahorra más de lo que cuestan sus dos viajes. ¿Los estás contando una vez o por operador?"
        )
    if (got[1] - got[0]) > (expected[1] - expected[0]):
        return "Si dos tramos ahorran lo mismo, gana el corto. Y alargarlo solo compensa si lo que añade ahorra."
    return (
        "Compara lo que ahorra el tramo entero, no operador por operador: uno que la CPU hace mejor puede "
        "merecer la pena si evita volver. Si empatan, el más corto y, entre iguales, el primero."
    )


def _best(cpu: list[float], fast: list[float | None], trip: float) -> tuple[int, int]:
    options = [
        (-(sum(cpu[i:j]) - sum(fast[i:j]) - 2 * trip), j - i, i, j)
        for i in range(len(cpu))
        for j in range(i + 1, len(cpu) + 1)
        if None not in fast[i:j]
    ]
    best = min(options, default=(0.0, 0, 0, 0))
    return best[2:] if best[0] < -1e-9 else _NONE


def _random_graphs() -> list[tuple]:
    """Grafos con semilla: operadores, posiciones en el acelerador, salidas, viajes y pista."""
    draw, graphs = random.Random(11), []
    for _ in range(12):
        tensors, operators = ["x", "z"], []
        for index in range(draw.randint(3, 9)):
            read = draw.sample(tensors, k=min(len(tensors), draw.randint(1, 2)))
            operators.append((read, [f"t{index}"]))
            tensors.append(f"t{index}")
        placed = {i for i in range(len(operators)) if draw.random() < 0.6}
        outputs = [operators[-1][1][0]]
        graphs.append(
            (operators, placed, outputs, _travels(operators, placed, outputs), "Dibuja el grafo en dos columnas.")
        )
    return graphs


def _travels(operators: list, placed: set[int], outputs: list[str]) -> int:
    made = {tensor: i in placed for i, (_, written) in enumerate(operators) for tensor in written}
    pairs = {(tensor, i in placed) for i, (read, _) in enumerate(operators) for tensor in read}
    pairs |= {(tensor, False) for tensor in outputs}
    return len({tensor for tensor, side in pairs if made.get(tensor, False) != side})


def _reachable(operators: list, supported: set[int]) -> set[int]:
    """Los admitidos a los que no llega ningún camino desde uno no admitido."""
    maker = {tensor: i for i, (_, written) in enumerate(operators) for tensor in written}

    def clean(index: int) -> bool:
        return index in supported and all(clean(maker[t]) for t in operators[index][0] if t in maker)

    return {index for index in range(len(operators)) if clean(index)}


def _copy(operators: list) -> list:
    return [(list(read), list(written)) for read, written in operators]
