"""Ejercicios de `reducir/combinar`."""

from itertools import permutations
from math import log2

import numpy as np

from ligero.exercises import Trial, exercise


@exercise(
    "combinar-1",
    asks="Escribe `damage(before, after)`: los ceros que ha despertado un paso y los valores distintos que ha añadido.",
    first_hint="Los ceros se comparan peso a peso. ¿Están los dos núcleos en el mismo orden?",
)
def damage(trial: Trial) -> str:
    """Núcleos sembrados, en el orden de Keras y en el de un `.tflite`."""
    rng = np.random.default_rng(310)
    for shape, kind in (
        ((40, 30), "reajustar"),
        ((64, 20), "mover"),
        ((12, 50), "int8"),
        ((33, 17), "diminutos"),
        ((20, 64), "nada"),
        ((25, 40), "juntar"),
    ):
        before = np.where(rng.random(shape) < 0.8, 0, rng.integers(-4, 5, shape) / 8).astype(np.float32)
        before[0, 0] = -0.0
        after = _next_step(before, kind, rng)
        shown = f"un núcleo {shape} y, tras el paso, otro {after.shape} de {after.dtype}"
        copies = before.copy(), after.copy()
        got = trial.call(*copies, shown=shown)
        trial.require(
            (copies[0] == before).all() and (copies[1] == after).all(),
            f"Con {shown}, tu función cambia los núcleos que recibe.",
            "Compara sin asignar dentro de los arrays; si necesitas cambiarlos, usa una copia.",
        )
        trial.require(
            isinstance(got, tuple) and len(got) == 2,
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera un par.",
            "Acaba con `return ceros, valores`: dos enteros, en ese orden.",
        )
        zeros, values = (trial.number(number, f"Con {shown}") for number in got)
        same = after if after.shape == before.shape else after.T
        woken = int(((before == 0) & (same != 0)).sum())
        trial.require(zeros == woken, f"Con {shown} cuentas {zeros:g} ceros despertados y son {woken}.", _woken(kind))
        added = len(np.unique(after)) - len(np.unique(before))
        trial.require(
            values == added,
            f"Con {shown} cuentas {values:g} valores de más y son {added}.",
            "Resta los distintos de antes a los de después; la cuenta sale negativa si el paso los ha juntado.",
        )
    return (
        "Un paso que no despierta ceros ni añade valores puede haberlo estropeado todo: basta con que cambie los "
        "pesos. ¿Qué medirías además?"
    )


def _next_step(before: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    if kind == "reajustar":
        return (before + (rng.random(before.shape) < 0.3) * rng.normal(0, 0.01, before.shape)).astype(np.float32)
    if kind == "mover":  # los mismos ceros en número, pero en otro sitio
        return rng.permutation(before.ravel()).reshape(before.shape)
    if kind == "int8":
        return (np.round(before * 20) + (rng.random(before.shape) < 0.1)).astype(np.int8).T
    if kind == "diminutos":
        return np.where(before == 0, 1e-12, before).astype(np.float32)
    if kind == "juntar":
        return np.sign(before) / 4
    return before.T.copy()


def _woken(kind: str) -> str:
    return {
        "mover": "No compares cuántos ceros hay antes y después: mira, de los pesos que valían cero, cuántos ya no.",
        "int8": "El núcleo viene de un `.tflite`, traspuesto: `(salidas, entradas)`. Ponlo en el orden del primero.",
        "nada": "El segundo es el primero traspuesto, como en un `.tflite`: no ha cambiado ningún peso.",
        "diminutos": "Un peso de 1e-12 ya no es cero, y se escribe con todos sus bits: compara con 0, sin tolerancia.",
    }.get(kind, "Cuenta las posiciones en que el primero vale cero y el segundo no.")


@exercise(
    "combinar-2",
    asks="Escribe `relative_index(codes, bits)`: la lista de parejas (ceros saltados, código).",
    first_hint="Cuenta los ceros que llevas sin escribir. ¿Qué pasa cuando ya no caben en `bits` bits?",
)
def relative_index(trial: Trial) -> str:
    """Secuencias con huecos cortos, justos y largos."""
    rng = np.random.default_rng(47)
    sequences = [
        ([5, 0, 0, -3], 3, "un hueco corto"),
        ([0, 0, 0, 4], 2, "un hueco que cabe justo"),
        ([0, 0, 0, 0, 4], 2, "un hueco de un cero más de los que caben"),
        ([0] * 9 + [7, 0, 0], 2, "un hueco de nueve ceros y dos al final"),
        ([0] * 6, 3, "solo ceros"),
        (np.where(rng.random(400) < 0.96, 0, rng.integers(1, 9, 400)).tolist(), 3, "400 códigos, casi todos cero"),
    ]
    for codes, bits, description in sequences:
        shown = f"{description} y {bits} bits"
        array = np.array(codes, np.int8)
        got = trial.call(array, bits, shown=shown)
        trial.require(
            array.tolist() == codes,
            f"Con {shown}, tu función cambia los códigos que recibe.",
            "Recorre el array sin asignar dentro de él.",
        )
        trial.require(
            isinstance(got, list) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in got),
            f"Con {shown} se espera una lista de parejas `(ceros, código)`.",
            "Empieza con `pairs = []` y añade tuplas de dos enteros.",
        )
        pairs = [tuple(int(trial.number(n, f"Con {shown}")) for n in pair) for pair in got]
        expected = _pairs(codes, bits)
        trial.require(
            pairs == expected,
            f"Con {shown}, {_text(codes)}, tu función da {_text(pairs)} y se espera {_text(expected)}.",
            _pairs_hint(codes, bits, pairs),
        )
    return (
        "Con huecos más anchos hay menos relleno y cada pareja pesa más. ¿De qué depende el ancho que conviene, y "
        "cuánto pierde frente a un código aritmético?"
    )


def _pairs(codes: list, bits: int) -> list:
    pairs, gap, most = [], 0, 2**bits - 1
    for code in codes:
        if code == 0 and gap < most:
            gap += 1
        else:
            pairs.append((gap, code))
            gap = 0
    while pairs and pairs[-1][1] == 0:
        pairs.pop()
    return pairs


def _pairs_hint(codes: list, bits: int, pairs: list) -> str:
    most = 2**bits - 1
    distance = "El primer número de la pareja son los ceros saltados desde la anterior, no la posición ni la distancia."
    if len(pairs) == len(_pairs(codes, bits)) and all(code for _, code in _pairs(codes, bits)):
        return distance
    if any(gap > most for gap, _ in pairs):
        return f"En {bits} bits no cabe un hueco mayor que {most}: hace falta un relleno, la pareja ({most}, 0)."
    if pairs and pairs[-1][1] == 0:
        return "Los ceros del final no se escriben: quien lee ya sabe cuántos códigos hay y completa con ceros."
    if sum(gap + 1 for gap, _ in pairs) > len(codes):
        return "Un relleno escribe también un cero, el suyo: cuenta como uno más de los que separan dos códigos."
    if len(pairs) > len(_pairs(codes, bits)):
        return f"Un hueco de {most} ceros todavía cabe: solo hace falta relleno si hay uno más."
    return distance


def _text(values: list) -> str:
    return str(values) if len(values) <= 14 else f"[{', '.join(map(str, values[:6]))}, …]"


@exercise(
    "combinar-3",
    asks="Escribe `cheapest(bits, candidates)`: el nombre de los contextos con que menos bits paga nuestro código.",
    first_hint="Cada decisión cuesta el logaritmo de su probabilidad según lo contado hasta ese momento, no al final.",
)
def cheapest(trial: Trial) -> str:
    """Secuencias en que conviene un contexto, otro o ninguno; y contextos que nunca llegan a aprender."""
    rng = np.random.default_rng(8)
    column = rng.integers(0, 4, 600)
    likely = np.array([0.02, 0.05, 0.6, 0.9])[column]
    short = rng.integers(0, 2, 40)
    uneven = np.r_[np.zeros(180, int), (rng.random(20) < 0.5).astype(int)]
    cases = [
        ((rng.random(600) < likely).astype(int), {"ninguno": np.zeros(600, int), "columna": column}, "600 decisiones"),
        (
            (rng.random(300) < 0.1).astype(int),
            {"uno por peso": np.arange(300), "ninguno": np.zeros(300, int)},
            "300 decisiones y un contexto por peso",
        ),
        (short, {"ninguno": np.zeros(40, int), "cinco": np.arange(40) % 20}, "40 decisiones que no se parecen a nada"),
        (uneven, {"mitades": np.repeat([0, 1], 100), "final": np.repeat([0, 1], [180, 20])}, "200 decisiones"),
    ]
    for bits, candidates, description in cases:
        copies = {name: contexts.tolist() for name, contexts in candidates.items()}
        paid = {name: _paid(bits, contexts) for name, contexts in candidates.items()}
        best = min(paid, key=paid.get)
        got = trial.text(trial.call(bits.tolist(), copies, shown=description), f"Con {description}")
        trial.require(
            got in paid,
            f"Con {description}, tu función devuelve «{got}», que no es ninguno de los candidatos.",
            "Devuelve una de las claves de `candidates`, tal como está escrita.",
        )
        costs = ", ".join(f"«{name}», {cost:.0f} bits" for name, cost in paid.items())
        trial.require(
            got == best,
            f"Con {description} eliges «{got}», y pagan: {costs}.",
            "La entropía con las cuentas finales no paga el aprendizaje: un contexto nuevo empieza sin saber nada, y "
            "su primera decisión cuesta 1 bit. Cuenta sobre la marcha, como el código."
            if paid[got] > 1.02 * paid[best]
            else "Las cuentas de cada contexto empiezan en 1 y 1 y suben de 2 en 2, como en `Coder.bit`.",
        )
        trial.require(
            copies == {name: contexts.tolist() for name, contexts in candidates.items()},
            f"Con {description}, tu función cambia los candidatos que recibe.",
            "Guarda las cuentas en un diccionario tuyo.",
        )
    return "¿Por qué gana un contexto distinto en una capa de treinta mil pesos y en una de mil?"


def _paid(bits: np.ndarray, contexts: np.ndarray) -> float:
    counts, total = {}, 0.0
    for bit, context in zip(bits.tolist(), contexts.tolist(), strict=True):
        count = counts.setdefault(context, [1, 1])
        total -= log2(count[bit] / sum(count))
        count[bit] += 2
    return total


@exercise(
    "combinar-4",
    asks="Escribe `safe_order(steps)`: el orden en que ningún paso deshace lo que hizo otro.",
    first_hint="Con seis pasos o menos se pueden probar todos los órdenes. ¿Qué hay que comprobar en cada uno?",
)
def safe_order(trial: Trial) -> str:
    """Tuberías con un solo orden bueno, con varios y con ninguno."""
    cases = [
        ({"agrupar": ("", "grupos", "ceros"), "podar": ("", "ceros", "")}, "podar y agrupar"),
        (
            {"agrupar": ("ceros", "grupos", ""), "ajustar": ("", "", "ceros grupos"), "podar": ("", "ceros", "grupos")},
            "un ajuste que lo deshace todo",
        ),
        (
            {"cuantizar": ("ceros grupos", "enteros", ""), "agrupar": ("", "grupos", ""), "podar": ("", "ceros", "")},
            "una cuantización que pide ceros y grupos",
        ),
        ({"a": ("", "x", "y"), "b": ("", "y", "x")}, "dos pasos que se deshacen uno a otro"),
        ({"a": ("y", "x", ""), "b": ("x", "y", "")}, "dos pasos que se esperan uno a otro"),
        (
            {"b": ("", "x", "y"), "a": ("x", "y", "x"), "c": ("y", "x", "")},
            "una propiedad que se pierde y se recupera",
        ),
        ({name: ("", name, "") for name in "dbca"}, "cuatro pasos que no se estorban"),
        (
            {"e": ("", "p", ""), "d": ("p", "q", ""), "c": ("q", "r", "s"), "b": ("", "s", ""), "a": ("r", "t", "p")},
            "cinco pasos y ninguna salida",
        ),
    ]
    for compact, description in cases:
        steps = {
            name: dict(zip(("needs", "gives", "breaks"), (set(words.split()) for words in row), strict=True))
            for name, row in compact.items()
        }
        given = {name: {key: set(value) for key, value in step.items()} for name, step in steps.items()}
        got = trial.call(given, shown=description)
        trial.require(
            isinstance(got, list), f"Con {description} se espera una lista de nombres.", "Si no hay ninguno, `[]`."
        )
        expected = next((list(o) for o in permutations(sorted(steps)) if _survives(o, steps)), [])
        names = [trial.text(name, f"Con {description}, dentro de la lista") for name in got]
        trial.require(
            given == steps,
            f"Con {description}, tu función cambia los pasos que recibe.",
            "Las operaciones como `|=` y `-=` cambian el conjunto: empieza con uno vacío y tuyo.",
        )
        trial.require(
            names == expected,
            f"Con {description}, {compact}, devuelves {names} y se espera {expected}.",
            _order_hint(names, expected, steps),
        )
    return (
        "Aquí cada paso rompe o no rompe. En la realidad rompe un poco. ¿Cómo cambiarías la función si cada paso "
        "conservara una fracción?"
    )


def _survives(order: tuple, steps: dict) -> bool:
    alive: set = set()
    for name in order:
        if not steps[name]["needs"] <= alive:
            return False
        alive = (alive - steps[name]["breaks"]) | steps[name]["gives"]
    return alive >= set().union(*(step["gives"] for step in steps.values()))


def _order_hint(names: list, expected: list, steps: dict) -> str:
    if not expected:
        return "No hay ningún orden en que todo sobreviva: devuelve una lista vacía."
    if not names:
        return "Sí lo hay: una propiedad que se rompe vale si otro paso la vuelve a dar después."
    if sorted(names) != sorted(steps):
        return "Cada paso aparece una vez, y no sobra ni falta ninguno."
    if _survives(tuple(names), steps):
        return "Ese orden sirve, pero hay otro anterior por orden alfabético: prueba los órdenes alfabéticamente."
    alive: set = set()
    for name in names:
        if not steps[name]["needs"] <= alive:
            return f"Cuando llega «{name}» todavía no existe lo que necesita (o ya se ha roto)."
        alive = (alive - steps[name]["breaks"]) | steps[name]["gives"]
    return "Sigue las propiedades paso a paso: al final falta alguna que se dio y luego se rompió."
