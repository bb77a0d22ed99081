"""Ejercicios de `reducir/poda`."""

from itertools import product
from math import log2

import numpy as np

from ligero.exercises import Trial, exercise


@exercise(
    "poda-1",
    asks="Escribe `needed_sparsity(count, bits, max_bytes)`: las centésimas de dispersión con que los pesos caben.",
    first_hint="Cada peso cuesta $H(s) + (1 - s) \\cdot b$ bits. ¿Cuánto da con s = 0.00, 0.01, 0.02…?",
)
def needed_sparsity(trial: Trial) -> str:
    """Pone pesos anchos y estrechos, y presupuestos holgados, justos e imposibles."""
    rng = np.random.default_rng(61)
    cases = [(1000, 32, 5000), (1000, 32, 4000), (8000, 4, 3000), (1000, 1, 124), (1000, 32, 30), (800, 8, 500)]
    cases += [(int(n), int(b), float(n * b / 8 * f)) for n, b, f in zip(*_random_budgets(rng), strict=True)]
    for count, bits, max_bytes in cases:
        shown = f"{count} pesos de {bits} bits en {max_bytes:g} bytes"
        got = trial.number(trial.call(count, bits, max_bytes, shown=shown), f"Con {shown}")
        trial.require(
            isinstance(got, int),
            f"Con {shown} devuelves {got} y se espera un entero de centésimas.",
            "`range(100)` da las centésimas; la dispersión es la centésima entre cien.",
        )
        expected = _needed(count, bits, max_bytes)
        if got == expected:
            continue
        trial.require(
            expected != -1,
            f"Con {shown} devuelves {got}, y no caben ni con 99 centésimas.",
            "Si ninguna vale, la respuesta es -1.",
        )
        size = _bytes(count, bits, min(max(got, 0), 99) / 100)
        if got != -1 and size > max_bytes:
            hint = "¿Has contado también el mapa de ceros, $H(s)$? Un byte son 8 bits."
        else:
            hint = "Con menos centésimas ya caben. «Como máximo» incluye el límite, y 0 también es una respuesta."
        trial.reject(f"Con {shown} devuelves {got} y son {expected} (con las tuyas ocupan {size:.1f} bytes).", hint)
    return (
        "Con pesos de un bit, quitar unos pocos los hace ocupar más. ¿A partir de qué anchura deja de tener sentido "
        "una poda del 50 %?"
    )


def _random_budgets(rng: np.random.Generator) -> tuple:
    return rng.integers(500, 90_000, 12), rng.choice([2, 4, 8, 16, 32], 12), rng.uniform(0.05, 1.1, 12)


def _bytes(count: int, bits: int, s: float) -> float:
    return count * (-sum(p * log2(p) for p in (s, 1 - s) if p > 0) + (1 - s) * bits) / 8


def _needed(count: int, bits: int, max_bytes: float) -> int:
    return next((h for h in range(100) if _bytes(count, bits, h / 100) <= max_bytes), -1)


@exercise(
    "poda-2",
    asks="Escribe `global_masks(kernels, sparsity)`: una máscara por núcleo, con un solo umbral para toda la red.",
    first_hint="Junta los valores absolutos de todos los núcleos en un vector: ¿cuáles son los menores de la red?",
)
def global_masks(trial: Trial) -> str:
    """Pone capas de escalas distintas, empates y un núcleo que quedaría vacío."""
    rng = np.random.default_rng(67)
    cases = [
        ([rng.normal(size=(3, 3, 1, 4)), 0.1 * rng.normal(size=(3, 3, 4, 5))], 0.5, "dos núcleos de escalas distintas"),
        ([rng.normal(size=(2, 2, 3, 3)), rng.normal(size=(1, 1, 3, 7))], 0.83, "dos núcleos y un 83 %"),
        ([np.full((3, 3, 1, 2), 0.5), -np.full((1, 1, 2, 5), 0.5)], 0.4, "todos los pesos iguales en valor absoluto"),
        ([rng.normal(size=(3, 3, 2, 6)), 1e-3 * rng.normal(size=(2, 2, 2, 2))], 0.6, "un núcleo de pesos diminutos"),
        ([rng.normal(size=(2, 3, 4, 5))], 0.0, "una dispersión de cero"),
    ]
    for kernels, sparsity, shown in cases:
        kernels = [k.astype(np.float32) for k in kernels]
        given = [k.copy() for k in kernels]
        got = trial.call(given, sparsity, shown=shown)
        _require_masks(trial, got, given, kernels, shown)
        expected = _global(kernels, sparsity)
        zeros, wanted = (sum(int((m == 0).sum()) for m in masks) for masks in (got, expected))
        trial.require(
            all(m.any() for m in got),
            f"Con {shown}, un núcleo queda entero a cero y por él ya no pasa nada.",
            "Al que se quede sin ninguno, devuélvele su peso mayor.",
        )
        trial.require(
            zeros == wanted,
            f"Con {shown} dejas {zeros} ceros en total y son {wanted}.",
            "Cuenta los que se guardan con `round`, sobre todos los pesos juntos, y marca por posición para que los "
            "empates no añadan ni quiten.",
        )
        kept = min(np.abs(k[m == 1]).min() for k, m in zip(kernels, got, strict=True) if m.sum() > 1)
        removed = max((np.abs(k[m == 0]).max() for k, m in zip(kernels, got, strict=True) if (m == 0).any()), default=0)
        trial.require(
            removed <= kept,
            f"Con {shown} quitas un peso de {removed:.3f} y guardas uno de {kept:.3f}, que es menor.",
            "El umbral es uno para toda la red, no uno por núcleo.",
        )
    return "El umbral único depende de la escala de cada capa. ¿Qué haría una normalización detrás con esas escalas?"


def _global(kernels: list, sparsity: float) -> list:
    sizes = np.abs(np.concatenate([k.ravel() for k in kernels]))
    flat = np.zeros(sizes.size, np.float32)
    flat[np.argsort(sizes, kind="stable")[sizes.size - max(round(sizes.size * (1 - sparsity)), 1) :]] = 1
    parts = np.split(flat, np.cumsum([k.size for k in kernels])[:-1])
    masks = [part.reshape(k.shape) for part, k in zip(parts, kernels, strict=True)]
    for mask, kernel in zip(masks, kernels, strict=True):
        if not mask.any():
            mask.flat[np.abs(kernel).argmax()] = 1
    return masks


def _require_masks(trial: Trial, got: object, given: list, kernels: list, shown: str) -> None:
    trial.require(
        isinstance(got, list | tuple) and len(got) == len(kernels),
        f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una lista con una máscara por núcleo.",
        "Parte el vector de toda la red en trozos del tamaño de cada núcleo.",
    )
    trial.require(
        all(isinstance(m, np.ndarray) and m.shape == k.shape for m, k in zip(got, kernels, strict=True)),
        f"Con {shown}, alguna máscara no tiene la forma de su núcleo.",
        "`trozo.reshape(nucleo.shape)`.",
    )
    trial.require(
        all(m.dtype == np.float32 and np.isin(m, (0, 1)).all() for m in got),
        f"Con {shown}, las máscaras deben ser float32 de ceros y unos.",
        "Devuelve la máscara, no los pesos ya podados, y conviértela con `astype(np.float32)`.",
    )
    trial.require(
        all(np.array_equal(a, b) for a, b in zip(given, kernels, strict=True)),
        f"Con {shown}, tu función cambia los núcleos recibidos.",
        "Trabaja con copias: `np.abs` y `np.concatenate` ya las hacen.",
    )


@exercise(
    "poda-3",
    asks="Escribe `slim_layer(layer, kept_inputs, width)`: la capa recortada y los filtros que guarda.",
    first_hint="Elige los `width` filtros de mayor `gamma` en valor absoluto y ponlos en su orden original.",
)
def slim_layer(trial: Trial) -> str:
    """Comprueba que la capa recortada calcula los mismos canales que la entera."""
    rng = np.random.default_rng(71)
    for inputs, outputs, width in ((4, 6, 3), (5, 8, 8), (7, 9, 1), (3, 12, 5)):
        layer = {name: rng.normal(size=outputs).astype(np.float32) for name in ("gamma", "beta", "mean")}
        layer |= {"variance": rng.random(outputs, dtype=np.float32) + 0.5}
        layer |= {"kernel": (rng.normal(size=(3, 3, inputs, outputs)) / layer["gamma"]).astype(np.float32)}
        kept_inputs = np.sort(rng.permutation(inputs)[: inputs - 1])
        shown = f"{outputs} filtros de los que se guardan {width}"
        given = {name: values.copy() for name, values in layer.items()}
        got = trial.call(given, kept_inputs.copy(), width, shown=shown)
        trial.require(
            isinstance(got, tuple | list) and len(got) == 2 and isinstance(got[0], dict),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera un par: la capa y los filtros.",
            "Acaba con `return capa, filtros`.",
        )
        slimmed, kept = got[0], np.asarray(got[1])
        trial.require(
            set(given) == set(layer) and all(np.array_equal(given[n], layer[n]) for n in layer),
            f"Con {shown}, tu función cambia la capa recibida.",
            "Crea un diccionario nuevo.",
        )
        _require_filters(trial, slimmed, kept, layer, kept_inputs, width, shown)
    return "La capa siguiente espera los canales que has guardado. ¿Qué `kept_inputs` le pasarás?"


def _require_filters(trial, slimmed, kept, layer, kept_inputs, width, shown) -> None:
    expected = np.sort(np.argsort(np.abs(layer["gamma"]))[-width:])
    by_norm = np.sort(np.argsort(np.abs(layer["kernel"]).sum((0, 1, 2)))[-width:])
    signed = np.sort(np.argsort(layer["gamma"])[-width:])
    if not np.array_equal(kept, expected):
        hint = "Son los de mayor `gamma` en valor absoluto."
        if kept.shape == expected.shape and np.array_equal(np.sort(kept), expected):
            hint = "Son esos, pero deben ir en su orden original: `np.sort`."
        elif np.array_equal(kept, by_norm):
            hint = "Los has ordenado por la norma del núcleo, que la normalización deshace; manda `gamma`."
        elif np.array_equal(kept, signed):
            hint = "Una `gamma` de −2 pesa más que una de 1: compara valores absolutos."
        trial.reject(f"Con {shown} guardas {kept.tolist()} y son {expected.tolist()}.", hint)
    trial.require(
        set(slimmed) == set(layer),
        f"Con {shown}, la capa recortada no tiene los mismos cinco arrays.",
        "Recorta todos: `kernel`, `gamma`, `beta`, `mean` y `variance`.",
    )
    for name, values in layer.items():
        wanted = values[..., expected] if name != "kernel" else values[:, :, kept_inputs][..., expected]
        part = np.asarray(slimmed[name])
        trial.require(
            part.shape == wanted.shape,
            f"Con {shown}, `{name}` tiene forma {part.shape} y se espera {wanted.shape}.",
            "Del núcleo se recortan dos ejes, el de entrada y el de salida; de los demás, uno.",
        )
        trial.require(
            np.array_equal(part, wanted),
            f"Con {shown}, los valores de `{name}` no son los de los filtros guardados.",
            "Usa los mismos índices en todos los arrays, y `kept_inputs` en el tercer eje del núcleo.",
        )


@exercise(
    "poda-4",
    asks="Escribe `share(layers, max_bytes)`: la dispersión de cada capa para que quepan perdiendo lo menos posible.",
    first_hint="Hay pocas combinaciones: descarta las que no caben y ordena las demás por lo que se pierde.",
)
def share(trial: Trial) -> str:
    """Pone presupuestos en que las recetas voraces fallan, empates e imposibles."""
    rng = np.random.default_rng(73)
    cases = [
        ([_layer(1000, {0.0: 0, 0.9: 5.0}), _layer(900, {0.0: 0, 0.9: 0.5})], 5000, "la capa pequeña sale más barata"),
        ([_layer(1000, {0.0: 0, 0.5: 0.1, 0.9: 0.1})], 3000, "una capa a la que podar más no le cuesta"),
        ([_layer(500, {0.0: 0, 0.8: -0.2})], 10**6, "una capa que mejora al podarla"),
        ([_layer(500, {0.0: 0, 0.8: 1.0})], 100, "un presupuesto imposible"),
        ([_layer(500, {0.0: 0, 0.8: 1.0})], 2000, "una red que cabe justa sin podar"),
        ([_layer(800, {0.0: 0, 0.5: 1.0}), _layer(800, {0.0: 0, 0.5: 0.9})], 4900, "una de dos capas iguales"),
    ]
    for _ in range(12):
        layers = [
            _layer(int(n), {0.0: 0.0} | {s: float(rng.uniform(0, 4)) for s in (0.5, 0.75, 0.9)})
            for n in rng.integers(100, 3000, 4)
        ]
        budget = sum(_bytes(layer["weights"], 32, 0.0) for layer in layers) * rng.uniform(0.25, 0.9)
        cases.append((layers, float(budget), "cuatro capas al azar"))
    for layers, max_bytes, shown in cases:
        got = trial.call([{**one, "loss": dict(one["loss"])} for one in layers], max_bytes, shown=shown)
        trial.require(
            isinstance(got, list),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una lista.",
            "Una dispersión por capa, en su orden; `[]` si nada cabe.",
        )
        expected = _share(layers, max_bytes)
        if got == expected:
            continue
        trial.require(
            expected != [],
            f"Con {shown} respondes {got}, y ninguna combinación cabe.",
            "Si ninguna cabe, `[]`.",
        )
        trial.require(
            len(got) == len(layers) and all(s in one["loss"] for s, one in zip(got, layers, strict=False)),
            f"Con {shown} respondes {got}, que no es una dispersión medida por capa.",
            "Solo valen las dispersiones que son clave de `loss` en esa capa.",
        )
        (size, lost), (_, least) = _total(layers, got), _total(layers, expected)
        trial.require(
            size <= max_bytes,
            f"Con {shown}, {got} ocupa {size:.0f} bytes y caben {max_bytes:.0f}.",
            "Cuenta el mapa de ceros: $H(s) + (1 - s) \\cdot 32$ bits por peso.",
        )
        trial.reject(
            f"Con {shown}, {got} pierde {lost:.2f} puntos y {expected} cabe y pierde {least:.2f}.",
            "Prueba todas las combinaciones. A igual pérdida, la que menos ocupe.",
        )
    return "Has sumado pérdidas medidas de una en una. ¿Cómo sabrías si dos capas podadas a la vez se estorban?"


def _layer(weights: int, loss: dict) -> dict:
    return {"weights": weights, "loss": loss}


def _total(layers: list, chosen: tuple | list) -> tuple[float, float]:
    pairs = list(zip(layers, chosen, strict=True))
    return sum(_bytes(one["weights"], 32, s) for one, s in pairs), sum(one["loss"][s] for one, s in pairs)


def _share(layers: list, max_bytes: float) -> list:
    fitting = []
    for chosen in product(*(layer["loss"] for layer in layers)):
        size, lost = _total(layers, chosen)
        if size <= max_bytes:
            fitting.append((lost, size, list(chosen)))
    return min(fitting)[2] if fitting else []
