"""Ejercicios de `reducir/agrupacion`."""

from itertools import product
from math import ceil, log2, prod

import numpy as np

from ligero.exercises import Trial, exercise


@exercise(
    "agrupar-1",
    asks="Escribe `stored_bytes(shapes, k)`: los bytes del fichero con una tabla y unos índices por núcleo.",
    first_hint="Cuenta los bits de un índice, redondea cada núcleo a bytes enteros y suma su tabla.",
)
def stored_bytes(trial: Trial) -> str:
    """Compara con la cuenta exacta, con k que no son potencias de dos y núcleos diminutos."""
    rng = np.random.default_rng(91)
    networks = [
        ([(192, 512)], 16, "una capa densa"),
        ([(3, 3, 1, 16), (3, 3, 16, 32)], 4, "dos convoluciones"),
        ([(5, 7), (3, 3)], 2, "dos núcleos cuyos índices no llenan los bytes"),
        ([(40, 30)], 6, "una capa densa y un k que no es potencia de dos"),
        ([(3, 3), (64, 10)], 32, "un núcleo con menos pesos que k"),
        ([tuple(int(n) for n in rng.integers(5, 60, 2)) for _ in range(4)], 11, "cuatro capas al azar"),
    ]
    for shapes, k, description in networks:
        shown = f"{description} ({', '.join(map(str, shapes))}) y k={k}"
        got = trial.number(trial.call(list(shapes), k, shown=shown), f"Con {shown}")
        expected = _stored_bytes(shapes, k)
        hint = _stored_hint(shapes, k, got)
        trial.require(got == expected, f"Con {shown} tu función da {got:g} bytes y son {expected}.", hint)
    return (
        "Con k = 6 cada índice gasta 3 bits y dos de los ocho códigos no se usan nunca. ¿Qué k aprovecharía mejor esos "
        "3 bits? ¿Y cómo se podría guardar sin desperdiciarlos?"
    )


def _stored_bytes(shapes: list, k: int) -> int:
    total = 0
    for shape in shapes:
        weights = prod(shape)
        values = min(k, weights)
        total += 4 * values + ceil(weights * ceil(log2(values)) / 8)
    return total


def _stored_hint(shapes: list, k: int, got: float) -> str:
    weights = [prod(shape) for shape in shapes]
    width = ceil(log2(k))
    if got == sum(ceil(w * width / 8) for w in weights):
        return "Faltan las tablas: cada núcleo lleva la suya, y cada centroide son 4 bytes."
    if got == sum(4 * min(k, w) + w for w in weights) or got == sum(4 * k + w for w in weights):
        return "Un índice no ocupa un byte entero: bastan los bits que hagan falta para contar hasta k."
    if got == 4 * k + ceil(sum(w * width for w in weights) / 8) and len(shapes) > 1:
        return "Los centroides se agrupan capa a capa: hay una tabla por núcleo, no una para todos."
    if any(w < k for w in weights):
        return "Un núcleo de 9 pesos no puede tener 32 valores: su tabla es de 9, y sus índices, más cortos."
    if width != log2(k):
        return "No hay índices de 2.58 bits: con ancho fijo se redondea hacia arriba cada índice."
    return "Los bits de un núcleo se redondean a bytes enteros, núcleo a núcleo, y a cada uno se le suma su tabla."


@exercise(
    "agrupar-2",
    asks="Escribe `cluster_keeping_zeros(weights, k)`: k valores como mucho, y los ceros de la poda siguen a cero.",
    first_hint="El cero es uno de los k valores y no se mueve. ¿Cuántos quedan, y para qué pesos?",
)
def cluster_keeping_zeros(trial: Trial) -> str:
    """Comprueba forma, tipo, ceros, número de valores, error y que el argumento no cambia."""
    rng = np.random.default_rng(17)
    for shape, k, zeros in (((40, 30), 5, 0.6), ((3, 3, 8, 12), 8, 0.85), ((70, 20), 2, 0.5), ((25, 24), 16, 0.0)):
        # Dos campanas que no son simétricas: poner el cero en medio y repartir por mitades no basta.
        weights = np.where(rng.random(shape) < 0.3, rng.normal(0.9, 0.2, shape), rng.normal(-0.4, 0.15, shape))
        weights = np.where(np.abs(weights) < 0.01, 0.5, weights).astype(np.float32)
        pruned = rng.random(shape) < zeros
        weights[pruned] = 0
        received = weights.copy()
        shown = f"un núcleo de forma {shape} con el {100 * zeros:.0f} % de ceros y k={k}"
        got = trial.call(received, k, shown=shown)
        trial.require(
            isinstance(got, np.ndarray) and got.shape == shape,
            f"Con {shown}, se espera un array de la misma forma.",
            "Devuelve los pesos agrupados, no los índices ni los centroides, y con la forma que tenían.",
        )
        trial.require(
            got.dtype == np.float32,
            f"Con {shown}, el array es de {got.dtype} y se espera float32.",
            "Los centroides salen de una media en float64: conviértelos con `.astype(np.float32)`.",
        )
        trial.require(
            bool(np.isfinite(got).all()),
            f"Con {shown}, hay valores que no son números finitos.",
            "¿Divides por el tamaño de un grupo que se ha quedado vacío?",
        )
        trial.require(
            bool((received == weights).all()),
            f"Con {shown}, tu función cambia los pesos que recibe.",
            "Trabaja con una copia: `weights.copy()`, o construye el resultado con `np.where`.",
        )
        trial.require(
            bool((got[pruned] == 0).all()),
            f"Con {shown}, {int((got[pruned] != 0).sum())} pesos podados dejan de valer cero.",
            "Un centroide *cerca* de cero no es cero. Aparta los ceros antes de agrupar y devuélvelos intactos.",
        )
        distinct = len(np.unique(got))
        trial.require(
            distinct <= k,
            f"Con {shown}, el resultado tiene {distinct} valores distintos.",
            "El cero también cuenta: si hay ceros, a los demás pesos les quedan k − 1.",
        )
        best = _kept_error(weights, k)
        error = float(((got - weights) ** 2).mean())
        trial.require(
            error <= 1.1 * best,
            f"Con {shown}, el error cuadrático es {error:.2g} y se puede bajar a {best:.2g}.",
            "Agrupa solo los pesos que no son cero, con todos los centroides que les queden (si no hay ningún cero, "
            "los k), e itera hasta que dejen de moverse.",
        )
    return (
        "Así se combina con la poda. Con el 85 % de ceros, ¿cuánto vale la entropía de los índices, y por qué ahí gana "
        "tanto un código de longitud variable?"
    )


def _lloyd(values: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    for _ in range(300):
        groups = np.abs(values[:, np.newaxis] - centroids).argmin(axis=1)
        count = np.bincount(groups, minlength=len(centroids))
        means = np.bincount(groups, values, len(centroids)) / np.maximum(count, 1)
        centroids = np.where(count > 0, means, centroids)
    return centroids[np.abs(values[:, np.newaxis] - centroids).argmin(axis=1)]


def _kept_error(weights: np.ndarray, k: int) -> float:
    """Error de referencia: la peor de las dos partidas que el cuaderno enseña."""
    values = weights[weights != 0].astype(float)
    k -= int(values.size < weights.size)
    starts = (np.linspace(values.min(), values.max(), k), np.quantile(values, (np.arange(k) + 0.5) / k))
    return max(float(((_lloyd(values, start) - values) ** 2).sum()) for start in starts) / weights.size


@exercise(
    "agrupar-3",
    asks="Escribe `allocate(options, max_bytes)`: qué k toca a cada capa para perder lo menos posible sin pasarse.",
    first_hint="Son pocas capas y pocas opciones: se pueden mirar todas las combinaciones con `itertools.product`.",
)
def allocate(trial: Trial) -> str:
    """Pone presupuestos en que ser voraz falla, empates y casos sin solución."""
    trap = {
        "conv": {2: (10, 3.0), 4: (20, 0.5), 16: (40, 0.0)},
        "densa": {2: (100, 1.0), 4: (200, 0.4), 16: (400, 0.0)},
        "salida": {2: (12, 2.5), 4: (24, 0.3), 16: (48, 0.0)},
    }
    # El mayor ahorro de pérdida por byte es el primer paso de «a» y cierra el paso al mejor reparto.
    greedy = {"a": {2: (10, 5.0), 4: (16, 1.8), 8: (20, 1.7)}, "b": {2: (10, 4.0), 4: (20, 0.4)}}
    tie = {"a": {2: (10, 1.0), 4: (20, 1.0)}, "b": {2: (10, 0.5), 4: (30, 0.5)}}
    cases = [
        (trap, 10**6, "un presupuesto holgado"),
        (trap, 488, "un presupuesto que se gasta justo"),
        (trap, 230, "230 bytes"),
        (trap, 150, "150 bytes"),
        (trap, 122, "lo mínimo"),
        (trap, 121, "un byte menos de lo mínimo"),
        (greedy, 30, "un caso en que ir paso a paso engaña"),
        (tie, 1000, "un empate"),
    ]
    rng = np.random.default_rng(5)
    for _ in range(15):
        random = {
            f"capa{i}": {
                k: (int(rng.integers(1, 9)) * int(np.log2(k)), round(float(rng.random()) * 6 / k, 2))
                for k in (2, 4, 16)
            }
            for i in range(int(rng.integers(2, 5)))
        }
        cases.append((random, int(rng.integers(6, 50)), "una red al azar"))
    for options, limit, description in cases:
        copy = {layer: dict(choices) for layer, choices in options.items()}
        shown = f"{description} (`allocate({options}, {limit})`)"
        got = trial.call(copy, limit, shown=description)
        trial.require(
            copy == options,
            f"Con {description}, tu función cambia las opciones que recibe.",
            "Construye un diccionario nuevo para la respuesta.",
        )
        expected = _allocate(options, limit)
        if expected == "ninguno":
            got_text = got if type(got) is str else type(got).__name__
            trial.require(
                type(got) is str and got == "ninguno",
                f"Con {shown} no cabe ninguna combinación, y respondes {got_text!s}.",
                "Si ni la opción más pequeña de cada capa cabe, devuelve el texto «ninguno».",
            )
            continue
        trial.require(
            type(got) is dict and set(got) == set(options),
            f"Con {description}, se espera un diccionario con una entrada por capa.",
            "Devuelve `{capa: k, …}`, con todas las capas. Solo si nada cabe, el texto «ninguno».",
        )
        for layer, k in got.items():
            valid = isinstance(k, int) and not isinstance(k, bool) and k in options[layer]
            trial.require(
                valid,
                f"Con {description}, el valor de «{layer}» no es ninguno de sus k.",
                "Cada valor es el k elegido, un entero de los que ofrece esa capa, no sus bytes ni su pérdida.",
            )
        used, lost = _cost(options, got)
        best_used, best_lost = _cost(options, expected)
        trial.require(
            used <= limit,
            f"Con {shown} tu reparto ocupa {used} bytes y el límite es {limit}.",
            "Suma los bytes de todas las capas antes de dar por bueno un reparto.",
        )
        trial.require(
            lost <= best_lost + 1e-9,
            f"Con {shown} tu reparto {got} pierde {lost:.2f} puntos y se puede con {best_lost:.2f}.",
            "No siempre conviene el mismo k en todas, ni mejorar primero la capa que más gana por byte: compara "
            "combinaciones completas. El límite se puede gastar entero.",
        )
        trial.require(
            used <= best_used,
            f"Con {shown} tu reparto ocupa {used} bytes y hay otro que pierde lo mismo con {best_used}.",
            "A igual pérdida, gana el que menos ocupa.",
        )
    return (
        "Has supuesto que las pérdidas de las capas se suman. ¿Cómo lo comprobarías con las redes de este cuaderno, y "
        "qué harías si no fuera cierto?"
    )


def _cost(options: dict, chosen: dict) -> tuple[int, float]:
    rows = [options[layer][k] for layer, k in chosen.items()]
    return sum(size for size, _ in rows), sum(loss for _, loss in rows)


def _allocate(options: dict, limit: int) -> dict | str:
    combinations = [dict(zip(options, ks, strict=True)) for ks in product(*options.values())]
    costs = [(round(loss, 9), size, i) for i, (size, loss) in enumerate(_cost(options, c) for c in combinations)]
    valid = [cost for cost in costs if cost[1] <= limit]
    return combinations[min(valid)[2]] if valid else "ninguno"
