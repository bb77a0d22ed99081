"""Ejercicios de `reducir/cuantizacion-desde-cero`."""

from fractions import Fraction

import numpy as np

from ligero.exercises import Trial, exercise


@exercise(
    "cero-1",
    asks="Escribe `safe_depth(x_bits, w_bits, acc_bits)`: cuántos productos caben en el acumulador en el peor caso.",
    first_hint="¿Cuál es el mayor producto posible en valor absoluto? ¿Y el mayor entero que guarda el acumulador?",
)
def safe_depth(trial: Trial) -> str:
    """Compara con la cuenta exacta, con anchos que el enunciado no enseña."""
    rng = np.random.default_rng(85)
    widths = [(8, 8, 32), (8, 8, 16), (4, 4, 16), (16, 8, 32), (16, 8, 64), (8, 4, 24)]
    widths += [(int(a), int(b), int(a + b + c)) for a, b, c in rng.integers((3, 2, 3), (12, 12, 20), (4, 3))]
    for x_bits, w_bits, acc_bits in widths:
        shown = f"{x_bits}, {w_bits} y {acc_bits} bits"
        got = trial.number(trial.call(x_bits, w_bits, acc_bits, shown=shown), f"Con {shown}")
        limit, x, w = 2 ** (acc_bits - 1) - 1, 2**x_bits - 1, 2 ** (w_bits - 1) - 1
        slips = {
            limit // (2 ** (x_bits - 1) * w): "A las entradas se les resta el punto cero: con z en un extremo, la "
            "diferencia recorre todos los códigos, no la mitad.",
            limit // ((2 ** (x_bits - 1) - 1) * w): "A las entradas se les resta el punto cero: con z en un extremo, "
            "la diferencia recorre todos los códigos, no la mitad.",
            limit // (x * (w + 1)): "Los pesos simétricos no usan el código más negativo: con 8 bits llegan a 127, "
            "no a 128.",
            limit // (2**x_bits * w): "De un extremo al otro de 2^b códigos hay 2^b − 1 pasos: con 8 bits, 255.",
            (2**acc_bits - 1) // (x * w): "El acumulador tiene signo: uno de sus bits no cuenta para el tamaño.",
            2 ** (acc_bits - x_bits - w_bits): "Los bits dan una cota gruesa. Cuenta con el mayor producto exacto, "
            "y divide.",
        }
        trial.require(
            got == limit // (x * w),
            f"Con {shown} tu función da {got:g} productos y caben {limit // (x * w)}.",
            slips.get(
                got, "Divide el mayor entero del acumulador por el mayor producto, y quédate con la parte entera."
            ),
        )
    return (
        "Un acumulador de 16 bits sumaría un solo producto de 8 bits. ¿Qué harías en un chip que solo tiene ese: "
        "bajar los pesos a 4 bits, o sumar por tramos?"
    )


@exercise(
    "cero-2",
    asks="Escribe `affine_parameters(low, high, bits, signed)`: escala y punto cero con el 0 real exacto.",
    first_hint="¿Puede ser un código el 0 real si el intervalo va de 4 a 6? ¿Qué hay que hacerle antes al intervalo?",
)
def affine_parameters(trial: Trial) -> str:
    """Comprueba las cuatro condiciones en intervalos de todas las clases."""
    rng = np.random.default_rng(86)
    cases = [(-1.0, 1.0, 8, True), (0.0, 6.0, 8, True), (-0.3, 2.9, 8, False), (4.0, 6.0, 8, True)]
    cases += [(-5.0, -2.0, 8, False), (0.0, 0.0, 8, True), (-7.0, 0.0, 4, True), (1e-6, 3e-6, 8, False)]
    for _ in range(6):
        low, high = np.sort(rng.normal(0, 3, 2))
        cases.append((float(low), float(high), int(rng.integers(3, 17)), bool(rng.integers(2))))
    for low, high, bits, signed in cases:
        kind = "con signo" if signed else "sin signo"
        shown = f"el intervalo de {low:.3g} a {high:.3g}, {bits} bits {kind}"
        got = trial.call(low, high, bits, signed, shown=shown)
        trial.require(
            isinstance(got, tuple | list) and len(got) == 2,
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera un par.",
            "Acaba con `return escala, punto_cero`.",
        )
        scale, zero_point = (trial.number(value, f"Con {shown}") for value in got)
        _check_grid(trial, shown, (low, high), bits, signed, float(scale), got[1])
    return (
        "El convertidor de LiteRT también ensancha el intervalo hasta el 0. Si una capa produce valores entre 4 y 6, "
        "¿qué le restarías antes de cuantizarla?"
    )


def _check_grid(trial: Trial, shown: str, reals: tuple, bits: int, signed: bool, scale: float, zero_point) -> None:
    trial.require(
        isinstance(zero_point, int | np.integer),
        f"Con {shown}, el punto cero es {float(zero_point):.6g}, de tipo {type(zero_point).__name__}.",
        "Tiene que ser un entero: si no es un código, el 0 real no se puede guardar sin error.",
    )
    first = -(2 ** (bits - 1)) if signed else 0
    last = first + 2**bits - 1
    trial.require(scale > 0, f"Con {shown}, la escala es {scale:g}.", "La escala es un número mayor que cero.")
    low, high = min(reals[0], 0.0), max(reals[1], 0.0)
    trial.require(
        first <= zero_point <= last,
        f"Con {shown}, el punto cero es {int(zero_point)} y los códigos van de {first} a {last}.",
        "Ensancha antes el intervalo hasta que contenga al 0, y mira cuál es el primer código: depende de `signed`.",
    )
    covered = ((first - int(zero_point)) * scale, (last - int(zero_point)) * scale)
    trial.require(
        covered[0] <= low + scale * 1.001 and covered[1] >= high - scale * 1.001,
        f"Con {shown}, tu rejilla cubre de {covered[0]:.3g} a {covered[1]:.3g}: los de fuera se saturan.",
        "El código de un real x es round(x / s) + z. Comprueba qué código les toca a los dos extremos.",
    )
    best = (high - low) / (2**bits - 1) if high > low else 1.0
    trial.require(
        abs(scale - best) <= 0.01 * best,
        f"Con {shown}, la escala es {scale:.4g} y basta con {best:.4g}.",
        "Reparte el intervalo, con el 0 dentro, entre 2^b − 1 pasos. Si es un solo punto, la escala es 1."
        if high == low or scale < best
        else "Te sobra intervalo: una rejilla asimétrica no tiene por qué medir lo mismo a los dos lados del 0.",
    )


@exercise(
    "cero-3",
    asks="Escribe `quantize_per_channel(kernel, axis, bits)`: `(codes, scales)`, con una escala por posición del eje.",
    first_hint="Para cada canal, el máximo recorre todos los demás ejes. ¿Qué devuelve `max` con una tupla de ejes?",
)
def quantize_per_channel(trial: Trial) -> str:
    """Prueba ejes de todas las posiciones, núcleos cuadrados, un canal a cero y pocos bits."""
    rng = np.random.default_rng(87)
    shapes = [((5, 4), 1, 8), ((5, 4), 0, 8), ((6, 6), 0, 8), ((3, 3, 4, 7), 2, 8)]
    shapes += [((3, 3, 4, 7), -1, 4), ((1, 3, 3, 6), 3, 8), ((2, 5, 3), -2, 6), ((9,), 0, 8)]
    for number, (shape, axis, bits) in enumerate(shapes):
        kernel = rng.normal(size=shape).astype(np.float32)
        size = [1] * len(shape)
        size[axis] = -1
        kernel *= rng.uniform(0.05, 20, shape[axis]).reshape(size).astype(np.float32)
        if number in (1, 4):
            np.moveaxis(kernel, axis, 0)[1] = 0  # un canal muerto
        shown = f"un núcleo {shape}, el eje {axis} y {bits} bits"
        before = kernel.copy()
        got = trial.call(kernel, axis, bits, shown=shown)
        trial.require(
            np.array_equal(kernel, before),
            f"Con {shown}, tu función cambia el núcleo que recibe.",
            "Trabaja con una copia: `kernel / scales` ya crea un array nuevo.",
        )
        trial.require(
            isinstance(got, tuple | list) and len(got) == 2,
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera un par.",
            "Acaba con `return codes, scales`.",
        )
        _check_channels(trial, shown, kernel, axis, bits, *got)
    return (
        "Una escala por canal de salida se puede sacar fuera de la suma; una por canal de entrada, no. ¿Qué le "
        "pasaría al acumulador?"
    )


def _check_channels(trial: Trial, shown: str, kernel: np.ndarray, axis: int, bits: int, codes, scales) -> None:
    codes, scales, top = np.asarray(codes), np.asarray(scales), 2 ** (bits - 1) - 1
    channels = kernel.shape[axis]
    trial.require(
        scales.shape == (channels,),
        f"Con {shown}, las escalas tienen forma {scales.shape} y se espera ({channels},).",
        "Una escala por posición del eje, en un vector: `ravel()` quita los ejes de tamaño 1 al final.",
    )
    trial.require(
        codes.shape == kernel.shape,
        f"Con {shown}, los códigos tienen forma {codes.shape}.",
        "Los códigos conservan la forma del núcleo: si has movido ejes, devuélvelos a su sitio.",
    )
    trial.require(
        codes.dtype == np.int8, f"Con {shown}, los códigos son {codes.dtype}.", "Se piden `int8`: `.astype(np.int8)`."
    )
    rows = np.moveaxis(kernel.astype(np.float64), axis, 0).reshape(channels, -1)
    largest = np.abs(rows).max(axis=1)
    trial.require(
        bool(np.isfinite(scales).all()) and bool((scales[largest == 0] == 1).all()),
        f"Con {shown}, hay un canal todo a cero y su escala es {scales[largest == 0]}.",
        "Ese canal lleva escala 1: dividir entre 0 daría NaN.",
    )
    expected = np.where(largest == 0, 1, largest / top)
    trial.require(
        np.allclose(scales, expected, rtol=1e-4, atol=0),
        f"Con {shown}, la primera escala es {float(scales[0]):.4g} y el mayor peso de ese canal, {largest[0]:.4g}.",
        "La escala es el mayor valor absoluto del canal entre 2^(b−1) − 1. Comprueba el eje y los bits.",
    )
    ratios = np.moveaxis(kernel.astype(np.float64) / scales.reshape(_along(axis, kernel.ndim)), axis, 0)
    got = np.moveaxis(codes, axis, 0).astype(np.int64)
    trial.require(
        bool((np.abs(got - ratios) <= 0.5 + 1e-3).all()),
        f"Con {shown}, un peso que vale {ratios.ravel()[int(np.argmax(np.abs(got - ratios)))]:.2f} escalas recibe el "
        f"código {int(got.ravel()[int(np.argmax(np.abs(got - ratios)))])}.",
        "El código es el entero más cercano (`np.rint`), con la escala de su propio canal.",
    )


def _along(axis: int, dimensions: int) -> list[int]:
    shape = [1] * dimensions
    shape[axis] = -1
    return shape


@exercise(
    "cero-4",
    asks="Escribe `best_threshold(x, bits)`: el umbral que hace mínimo el error al cuadrado de la rejilla simétrica.",
    first_hint="Escribe antes una función que dé el error de un umbral. Después, pruébala con muchos.",
)
def best_threshold(trial: Trial) -> str:
    """Compara el error del umbral con el del mejor de muchos, en señales de forma muy distinta."""
    rng = np.random.default_rng(88)
    normal, spiky = rng.normal(size=4000), rng.normal(size=40_000)
    spiky[7] = 60.0  # con tantos datos, compensa perderlo
    signals = [
        ("una campana de Gauss", normal, (2, 4, 8)),
        ("números uniformes", rng.uniform(-1, 1, 4000), (3, 8)),
        ("una campana con un valor 60 veces mayor", spiky, (3, 4)),
        ("valores en millonésimas", rng.laplace(size=4000) * 1e-6, (3, 6)),
        ("valores todos negativos", -rng.gamma(2.0, size=4000), (4,)),
    ]
    for name, x, widths in signals:
        for bits in widths:
            shown = f"{name} y {bits} bits"
            got = float(trial.number(trial.call(x.copy(), bits, shown=shown), f"Con {shown}"))
            trial.require(got > 0, f"Con {shown}, el umbral es {got:g}.", "Un umbral es un número mayor que cero.")
            best = _oracle(x, bits)
            ratio = _clip_error(x, bits, got) / _clip_error(x, bits, best)
            trial.require(
                ratio <= 1.03,
                f"Con {shown}, tu umbral ({got:.4g}) deja {ratio:.2f} veces el menor error posible.",
                _threshold_hint(got, best, np.abs(x).max()),
            )
    return (
        "El error al cuadrado trata igual a todos los valores. Si el que recortas es el que decide la respuesta, "
        "¿qué medirías en su lugar?"
    )


def _threshold_hint(got: float, best: float, largest: float) -> str:
    if got >= 0.999 * largest:
        return "Eso es el máximo: a veces compensa saturar unos pocos valores para afinar los demás."
    if got > best:
        return "Es demasiado grande: ¿llegan tus candidatos a valores mucho menores que el máximo, y bastante juntos?"
    return "Es demasiado pequeño: satura demasiados valores. ¿Has mirado el error de redondeo y también el de recorte?"


def _clip_error(x: np.ndarray, bits: int, threshold: float) -> float:
    top = 2 ** (bits - 1) - 1
    scale = threshold / top
    return float(np.sum((np.clip(np.rint(x / scale), -top, top) * scale - x) ** 2))


def _oracle(x: np.ndarray, bits: int) -> float:
    candidates = np.geomspace(np.abs(x).max() / 1e4, np.abs(x).max(), 800)
    return float(min(candidates, key=lambda threshold: _clip_error(x, bits, threshold)))


class _ChipInteger(int):
    """Un entero que, como el chip del ejercicio, no sabe de coma flotante."""

    def _refuse(self, *_):
        raise TypeError("este chip no tiene coma flotante: todas las cuentas, con enteros")

    __truediv__ = __rtruediv__ = __float__ = __round__ = _refuse


def _integers_only(name: str):
    plain = getattr(int, name)

    def method(self, *others):
        if not all(isinstance(other, int | np.integer) for other in others):
            self._refuse()
        return _ChipInteger(plain(self, *map(int, others)))

    return method


_OPERATIONS = ("add", "sub", "mul", "floordiv", "mod", "lshift", "rshift", "and", "or", "xor")
for _name in (*_OPERATIONS, *(f"r{operation}" for operation in _OPERATIONS), "neg", "abs", "invert"):
    setattr(_ChipInteger, f"__{_name}__", _integers_only(f"__{_name}__"))


@exercise(
    "cero-5",
    asks="Escribe `requantize_integer(acc, multiplier, shift, zero_point)` solo con enteros y un solo redondeo.",
    first_hint="`acc * multiplier >> shift` redondea hacia abajo. ¿Cómo sabes si había que redondear hacia arriba?",
)
def requantize_integer(trial: Trial) -> str:
    """Compara con la fracción exacta: medios, negativos, productos enormes y códigos que se salen."""
    rng = np.random.default_rng(89)
    cases = [
        (11, 1, 2, 0),
        (-11, 1, 2, 0),
        (5, 1, 1, 0),
        (7, 1, 1, 0),
        (-5, 1, 1, 0),
        (-7, 1, 1, 0),
        (6, 1, 2, 3),
        (-6, 1, 2, 3),
    ]
    cases += [(11, 7, 0, -20), (-9, 5, 0, 100), (900, 1, 1, 0), (-900, 1, 1, 0), (300, 1, 1, -100), (-300, 1, 1, 90)]
    cases += [(2**30 + 1, 2**30 + 1, 56, -5), ((1 << 31) - 1, 2**30, 55, 0), (-(2**31), 2**30, 55, 0)]
    cases += [(2**24 + 1, 2**30 + 3, 48, 7), (1, 2**30, 62, 0), (-3, 2**30, 31, 0)]
    cases += [
        (int(a), int(m), int(s), int(z))
        for a, m, s, z in zip(
            rng.integers(-(2**18), 2**18, 60),
            rng.integers(2**30, 2**31, 60),
            rng.integers(40, 46, 60),
            rng.integers(-128, 128, 60),
            strict=True,
        )
    ]
    for acc, multiplier, shift, zero_point in cases:
        shown = f"acc = {acc}, multiplier = {multiplier}, shift = {shift} y zero_point = {zero_point}"
        arguments = [_ChipInteger(value) for value in (acc, multiplier, shift, zero_point)]
        got = trial.call(*arguments, shown=shown)
        got = trial.number(int.__int__(got) if type(got) is _ChipInteger else got, f"Con {shown}")
        exact = Fraction(acc * multiplier, 2**shift)
        expected = max(-128, min(127, round(exact) + zero_point))  # round de una fracción: el medio, al par
        trial.require(
            got == expected,
            f"Con {shown}, tu función da {got:g} y es {expected} (antes de sumar z, {float(exact):.6g}).",
            _requantize_hint(exact, zero_point, got),
        )
    return (
        "XNNPACK hace este mismo redondeo en `float32`, que solo guarda 24 bits del acumulador. ¿Con qué "
        "acumuladores daría otra cosa?"
    )


def _requantize_hint(exact: Fraction, zero_point: int, got: float) -> str:
    rounded = round(exact)
    if not -128 <= rounded + zero_point <= 127:
        return "El resultado no cabe en int8: satura al final, después de sumar el punto cero."
    if not -128 <= rounded <= 127:
        return "Has saturado antes de sumar el punto cero: primero se suma y después se satura."
    if got == rounded:
        return "Falta sumar el punto cero."
    if exact.denominator == 2:
        return "Es un medio exacto: va al par, así que 2.5 da 2 y 3.5 da 4, también con negativos."
    if got == exact.numerator // exact.denominator + zero_point:
        return "Desplazar redondea siempre hacia abajo: mira si lo perdido pasaba de la mitad de 2^shift."
    return "Un solo redondeo, al entero más cercano, y con todos los bits del producto."
