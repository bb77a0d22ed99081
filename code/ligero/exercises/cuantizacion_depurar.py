"""Ejercicios de `reducir/cuantizacion-depurar`."""

from collections.abc import Callable
from itertools import combinations

import numpy as np

from ligero.exercises import Trial, exercise


@exercise(
    "depurar-1",
    asks="Escribe `error_over_scale(real, codes, scale, zero_point)`: el RMSE entre la escala.",
    first_hint="Pasa los códigos a reales, resta y haz la media de los cuadrados. Ojo al tipo de `codes`.",
)
def error_over_scale(trial: Trial) -> str:
    """Compara con la cuenta exacta, con puntos cero que desbordan 8 bits y valores que se saturan."""
    rng = np.random.default_rng(126)
    cases = [
        ("una activación centrada", rng.normal(0, 1, (1, 6, 6, 4)), 0.03, 0),
        ("una salida de ReLU, de punto cero −128", rng.exponential(1, (1, 8, 8, 5)), 0.05, -128),
        ("valores que se saturan", rng.normal(0, 4, (1, 11)), 0.02, 5),
        ("un error con media distinta de cero", rng.uniform(0.05, 0.09, (1, 40)), 0.2, -100),
    ]
    for name, real, scale, zero_point in cases:
        real = real.astype(np.float32)
        codes = np.clip(np.round(real / scale) + zero_point, -128, 127).astype(np.int8)
        kept = real.copy(), codes.copy()
        got = trial.number(trial.call(real, codes, scale, zero_point, shown=name), f"Con {name}")
        error = (codes.astype(np.float64) - zero_point) * scale - real
        expected = float(np.sqrt(np.mean(error**2)) / scale)
        trial.require(
            np.array_equal(kept[0], real) and np.array_equal(kept[1], codes),
            f"Con {name}, tu función cambia los datos que recibe.",
            "El depurador se los pasa también a las demás medidas: trabaja con una copia.",
        )
        trial.require(
            abs(got - expected) <= 1e-3 * expected,
            f"Con {name} (escala {scale}, punto cero {zero_point}) tu función da {got:.4g} y es {expected:.4g}.",
            _error_hint(got, error, codes, real, scale, zero_point),
        )
    return (
        "Con esta función y `layer_direct_compare_metrics` sale la misma columna que con `mean_squared_error`. ¿Por "
        "qué una medida relativa a la escala no avisa de una escala mal elegida?"
    )


def _error_hint(got: float, error: np.ndarray, codes: np.ndarray, real: np.ndarray, scale: float, zero: int) -> str:
    with np.errstate(all="ignore"):
        wrapped = (codes - np.array(zero, np.int8)) * scale - real
    options = [
        (np.sqrt(np.mean(wrapped**2)) / scale, "La resta se desborda: `codes` es int8. Pásalo antes a un tipo mayor."),
        (np.sqrt(np.mean(error**2)), "Eso es el RMSE. Falta ponerlo en unidades de la escala."),
        (np.mean(error**2) / scale, "Falta la raíz: el error cuadrático medio está en unidades al cuadrado."),
        (
            np.mean(np.abs(error)) / scale,
            "Eso es el error absoluto medio; se pide la media de los cuadrados, y su raíz.",
        ),
        (
            np.std(error) / scale,
            "La desviación típica quita la media del error, que también cuenta.",
        ),
    ]
    for value, hint in options:
        if abs(got - float(value)) <= 1e-3 * abs(float(value)):
            return hint
    return "Un código q representa el valor (q − punto_cero) · escala. Compáralo con el real y divide al final."


@exercise(
    "depurar-2",
    asks="Escribe `quantize_weights(kernel, axis)`: los pesos que quedan al cuantizar con una escala por canal.",
    first_hint="La escala deja de ser un número: es un array con un valor por canal, alineado con el eje `axis`.",
)
def quantize_weights(trial: Trial) -> str:
    """Prueba con capas de distinta forma, con canales muy dispares y con un canal de ceros."""
    rng = np.random.default_rng(127)
    cases = [
        ("una convolución, eje 3", rng.normal(0, 1, (3, 3, 5, 7)), 3),
        ("una convolución en profundidad, eje 2", rng.normal(0, 1, (3, 3, 6, 2)), 2),
        ("una capa densa, eje −1", rng.normal(0, 1, (20, 9)), -1),
        ("una capa densa guardada al revés, eje 0", rng.normal(0, 1, (4, 13)), 0),
        ("un canal de ceros, eje 3", rng.normal(0, 1, (1, 1, 8, 5)), 3),
    ]
    for name, kernel, axis in cases:
        shape = [1] * kernel.ndim
        shape[axis] = kernel.shape[axis]
        kernel = kernel * (10.0 ** rng.uniform(-2, 1, kernel.shape[axis])).reshape(shape)
        if "ceros" in name:
            kernel[..., 2] = 0
        kept = kernel.copy()
        got = trial.call(kernel, axis, shown=name)
        trial.require(
            np.array_equal(kept, kernel),
            f"Con {name}, tu función cambia los pesos que recibe.",
            "Devuelve un array nuevo: `kernel / escala` ya lo crea, `kernel /= escala` no.",
        )
        trial.require(
            isinstance(got, np.ndarray) and got.dtype.kind == "f" and got.shape == kernel.shape,
            f"Con {name}, tu función devuelve {_what(got)} y se esperan reales de forma {kernel.shape}.",
            "Se devuelven los valores que representan los códigos, con la forma de los pesos.",
        )
        trial.require(
            bool(np.isfinite(got).all()),
            f"Con {name}, salen NaN o infinitos.",
            "La escala de un canal de ceros sería cero, y no se puede dividir entre ella. ¿Qué escala le sirve?",
        )
        expected, steps = _per_channel(kernel, axis)
        trial.require(
            bool((np.abs(got - expected) <= 1e-4 * steps).all()),
            f"Con {name}, el mayor error respecto a lo esperado es de {np.abs(got - expected).max():.3g}.",
            _weights_hint(got, kernel, axis),
        )
    return (
        "Con canales mil veces distintos, ¿cuántos bits le quedaban al más pequeño con una sola escala? Haz la cuenta: "
        "log2 de 1 000 son casi 10, y solo había 8."
    )


def _per_channel(kernel: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    others = tuple(i for i in range(kernel.ndim) if i != axis % kernel.ndim)
    steps = np.abs(kernel).max(axis=others, keepdims=True) / 127
    steps = np.where(steps > 0, steps, 1.0)
    return np.round(kernel / steps) * steps, steps


def _weights_hint(got: np.ndarray, kernel: np.ndarray, axis: int) -> str:
    whole = np.abs(kernel).max() / 127
    if np.allclose(got, np.round(kernel / whole) * whole):
        return "Todos los canales comparten escala: es la función de partida. Usa `axis`."
    if np.allclose(got, kernel, rtol=1e-9, atol=0):
        return "Son los mismos pesos, sin redondear."
    if kernel.ndim > 2 and np.allclose(got, _per_channel(kernel, kernel.ndim - 1)[0]):
        return "Tomas siempre el último eje. En una convolución en profundidad no es el de los canales: usa `axis`."
    along = np.abs(kernel).max(axis=axis, keepdims=True) / 127
    along = np.where(along > 0, along, 1.0)
    if np.allclose(got, np.round(kernel / along) * along):
        return "Tomas el máximo a lo largo del eje de los canales, y se toma a lo largo de **los demás**."
    return "Cada canal tiene su escala, su mayor valor absoluto entre 127, y se redondea con ella."


@exercise(
    "depurar-3",
    asks="Escribe `equalize(w1, b1, w2)`: las mismas dos capas con los rangos de cada canal igualados.",
    first_hint="El canal c es la columna c de `w1`, el elemento c de `b1` y la fila c de `w2`.",
)
def equalize(trial: Trial) -> str:
    """Exige la misma función y los mismos rangos, también con canales muertos; después mide el error en 8 bits."""
    rng = np.random.default_rng(128)
    before = after = 0.0
    for name, inputs, channels, outputs, dead in (
        ("una red de 3 canales", 4, 3, 2, ()),
        ("una red de 12 canales muy dispares", 9, 12, 5, ()),
        ("un canal que nadie escribe", 5, 6, 4, ("w1",)),
        ("un canal que nadie lee", 5, 6, 4, ("w2",)),
        ("un canal muerto por los dos lados", 7, 8, 3, ("w1", "w2")),
    ):
        spread = 10.0 ** rng.uniform(-2, 2, channels)
        w1, w2 = rng.normal(0, 1, (inputs, channels)) * spread, rng.normal(0, 1, (channels, outputs))
        b1 = rng.normal(0, 1, channels) * spread
        if "w1" in dead:
            w1[:, 1] = 0
        if "w2" in dead:
            w2[1] = 0
        kept = w1.copy(), b1.copy(), w2.copy()
        got = trial.call(w1, b1, w2, shown=name)
        trial.require(
            all(np.array_equal(old, new) for old, new in zip(kept, (w1, b1, w2), strict=True)),
            f"Con {name}, tu función cambia los datos que recibe.",
            "Devuelve arrays nuevos: `w1 / s` ya lo crea, `w1 /= s` no.",
        )
        trial.require(
            isinstance(got, tuple | list) and len(got) == 3,
            f"Con {name}, tu función devuelve {_what(got)} y se esperan las tres matrices.",
            "Acaba con `return w1_nueva, b1_nuevo, w2_nueva`.",
        )
        for label, new, old in zip(("w1", "b1", "w2"), got, kept, strict=True):
            trial.require(
                isinstance(new, np.ndarray) and new.dtype.kind == "f" and new.shape == old.shape,
                f"Con {name}, `{label}` es {_what(new)} y se espera un array real de forma {old.shape}.",
                "Cada matriz conserva su forma; `s[:, np.newaxis]` alinea un valor por fila.",
            )
            trial.require(
                bool(np.isfinite(new).all()),
                f"Con {name}, en `{label}` salen NaN o infinitos.",
                "En un canal muerto uno de los dos rangos es cero, y no se puede dividir entre él. Déjalo con s = 1.",
            )
        _same_function(trial, name, kept, got)
        _same_ranges(trial, name, kept, got)
        if not dead:
            before, after = _int8_error(*kept), _int8_error(*got)
    return (
        f"En la red de 12 canales, el error de guardar los pesos en 8 bits con una escala por tensor baja del "
        f"{100 * before:.1f} % al {100 * after:.2f} % de la salida. ¿Por qué no sirve con swish?"
    )


def _layers(x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    return np.maximum(x @ w1 + b1, 0) @ w2


def _same_function(trial: Trial, name: str, old: tuple, new: tuple) -> None:
    x = np.random.default_rng(129).normal(0, 1, (50, old[0].shape[0]))
    reference, result = _layers(x, *old), _layers(x, *new)
    gap = float(np.abs(result - reference).max() / np.abs(reference).max())
    if gap <= 1e-6:
        return
    # ¿Es solo el sesgo? Se rehace con el factor que se ha aplicado a la primera matriz.
    ratio = np.divide(old[0], new[0], out=np.ones_like(old[0]), where=new[0] != 0).max(axis=0)
    fixed = np.abs(_layers(x, new[0], old[1] / ratio, new[2]) - reference).max() / np.abs(reference).max()
    hint = "¿Lo que divides en una capa lo multiplicas en la otra, y en el eje del canal?"
    if fixed <= 1e-6:
        hint = "Falla el sesgo: se suma antes de la ReLU, en la misma unidad que `x @ w1`. Divídelo como a `w1`."
    trial.reject(f"Con {name}, la salida ya no es la misma: cambia hasta un {100 * gap:.3g} %.", hint)


def _same_ranges(trial: Trial, name: str, old: tuple, new: tuple) -> None:
    r1, r2 = np.abs(new[0]).max(axis=0), np.abs(new[2]).max(axis=1)
    alive = (np.abs(old[0]).max(axis=0) > 0) & (np.abs(old[2]).max(axis=1) > 0)
    for c in np.flatnonzero(~alive):
        untouched = all(np.array_equal(a, b) for a, b in zip(_channel(old, c), _channel(new, c), strict=True))
        trial.require(
            untouched,
            f"Con {name}, el canal {c} está muerto y lo has cambiado.",
            "Con un rango a cero no hay nada que igualar: en ese canal, s = 1.",
        )
    off = np.flatnonzero(alive & (np.abs(r1 - r2) > 1e-6 * np.maximum(r1, r2)))
    if len(off):
        c = off[0]
        trial.reject(
            f"Con {name}, la salida es la misma, pero en el canal {c} el mayor peso de `w1` es {r1[c]:.3g} y el de "
            f"`w2`, {r2[c]:.3g}.",
            "Despeja s en r1 / s = s · r2, con los rangos en valor absoluto, y hazlo canal a canal.",
        )


def _channel(layers: tuple, c: int) -> tuple:
    return layers[0][:, c], layers[1][c], layers[2][c]


def _int8_error(w1: np.ndarray, b1: np.ndarray, w2: np.ndarray) -> float:
    def rounded(w: np.ndarray) -> np.ndarray:
        step = np.abs(w).max() / 127
        return np.round(w / step) * step

    x = np.random.default_rng(130).normal(0, 1, (200, w1.shape[0]))
    reference = _layers(x, w1, b1, w2)
    error = _layers(x, rounded(w1), b1, rounded(w2)) - reference
    return float(np.sqrt(np.mean(error**2)) / np.std(reference))


@exercise(
    "depurar-4",
    asks="Escribe `choose_float_layers(costs, loss, max_loss)`: las capas más baratas que basta dejar en float32.",
    first_hint="Lo que se recupera no se suma: hay que medir conjuntos, no capas. El conjunto vacío también cuenta.",
)
def choose_float_layers(trial: Trial) -> str:
    """Prueba con redes en que no basta sumar: parejas, víctimas, culpables caras y redes que ya estaban bien."""
    for name, costs, loss, max_loss in _float_cases():
        kept = dict(costs)
        got = trial.call(costs, loss, max_loss, shown=name)
        trial.require(
            costs == kept, f"Con {name}, tu función cambia `costs`.", "Trabaja con una copia del diccionario."
        )
        trial.require(
            isinstance(got, set | frozenset | list | tuple) and all(isinstance(layer, str) for layer in got),
            f"Con {name}, tu función devuelve {_what(got)} y se espera un conjunto de nombres.",
            "Devuelve un conjunto, aunque tenga una sola capa o ninguna: `{'dw2'}`, `set()`.",
        )
        unknown = set(got) - set(costs)
        trial.require(
            not unknown,
            f"Con {name}, eliges «{', '.join(sorted(unknown))}», que no está en `costs`.",
            "Los nombres salen de `costs`: cada red tiene los suyos.",
        )
        points, price = loss(got), sum(costs[layer] for layer in set(got))
        chosen = ", ".join(f"«{layer}»" for layer in sorted(set(got))) or "ninguna"
        trial.require(
            points <= max_loss,
            f"Con {name}, eliges {chosen} y el modelo aún pierde {points:g} puntos; se admiten {max_loss:g}.",
            "Mide el conjunto entero con `loss(conjunto)`: dos capas juntas pueden dar lo que ninguna da sola.",
        )
        cheapest = _cheapest(costs, loss, max_loss)
        trial.require(
            price <= sum(costs[layer] for layer in cheapest),
            f"Con {name}, eliges {chosen}, que cuesta {price} bytes; hay un conjunto que vale y cuesta "
            f"{sum(costs[layer] for layer in cheapest)}.",
            "Se busca el más barato en bytes, no el de menos capas, y perder justo `max_loss` se admite."
            if cheapest
            else "Con todo en int8 ya se cumplía: el conjunto vacío también se prueba.",
        )
    return (
        "Con ocho capas son 256 conjuntos; con treinta, más de mil millones. ¿Cómo usarías la lista de sospechosas del "
        "depurador para probar solo unos pocos?"
    )


def _cheapest(costs: dict, loss: Callable, max_loss: float) -> set:
    sets = [set(chosen) for size in range(len(costs) + 1) for chosen in combinations(costs, size)]
    return min((s for s in sets if loss(s) <= max_loss), key=lambda s: sum(costs[layer] for layer in s))


def _float_cases() -> list:
    def model(table: dict, total: float) -> Callable:
        # Cada causa se cura cuando todas sus capas están en coma flotante; con todas las capas no se pierde nada.
        def loss(layers: set) -> float:
            chosen = set(layers)
            return round(total - sum(p for cause, p in table.items() if set(cause.split("+")) <= chosen), 6)

        return loss

    rng = np.random.default_rng(131)
    costs = {"conv": 300, "dw": 120, "pw": 900, "media": 60, "clases": 400}
    names = [f"capa{i}" for i in range(7)]
    random_costs = dict(zip(names, (int(c) for c in rng.integers(50, 900, 7)), strict=True))
    random_table = {"capa1+capa4": 21.0, "capa0+capa2": 9.0, "capa5": 4.0, "capa3+capa6": 2.0, "capa6": 1.0}
    return [
        ("una sola culpable", costs, model({"pw": 20.0, "dw": 0.4}, 20.4), 1.0),
        ("una pareja que comparte una activación", costs, model({"conv+dw": 30.0, "media": 0.5}, 30.5), 2.0),
        ("una red que ya cumple", costs, model({"dw": 0.8}, 0.8), 1.0),
        ("una pérdida justo en el límite", costs, model({"clases": 5.0, "media": 2.0}, 7.0), 2.0),
        ("dos baratas que equivalen a una cara", costs, model({"pw": 6.0, "dw": 3.0, "media": 3.0}, 12.0), 6.0),
        ("siete capas con varias causas", random_costs, model(random_table, 37.0), 3.0),
    ]


def _what(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"un array de {value.dtype} de forma {value.shape}"
    return type(value).__name__
