"""Ejercicios de `reducir/destilacion`."""

import numpy as np
from scipy import special, stats

from ligero.exercises import Trial, exercise


@exercise(
    "destilar-1",
    asks="Escribe `resoften(probabilities, temperature)`: las probabilidades de T = 1, ablandadas a otra temperatura.",
    first_hint="Una probabilidad es la exponencial de un logit, dividida entre una suma. ¿Qué le hace T al logit?",
)
def resoften(trial: Trial) -> str:
    """Compara con la potencia normalizada, con ceros y con varias temperaturas."""
    rng = np.random.default_rng(191)
    for temperature, classes in ((1.0, 10), (2.0, 3), (4.0, 10), (0.5, 5), (8.0, 7)):
        probabilities = special.softmax(rng.normal(0, 3, (int(rng.integers(4, 9)), classes)), axis=1)
        probabilities[0, :2] = 0.0
        probabilities[0] /= probabilities[0].sum()
        given = probabilities.copy()
        shown = f"{len(given)} imágenes, {classes} clases y temperatura {temperature:g}"
        got = _matrix(trial, trial.call(probabilities, temperature, shown=shown), given.shape, shown)
        _untouched(trial, np.array_equal(probabilities, given), shown)
        trial.require(
            np.allclose(got.sum(axis=1), 1, atol=1e-5),
            f"Con {shown}, una fila suma {got.sum(axis=1)[0]:.3g}: las probabilidades de una imagen deben sumar 1.",
            "Divide cada fila entre su propia suma: `axis=1` y `keepdims=True`.",
        )
        expected = _soften(given, temperature)
        trial.require(
            np.allclose(got, expected, atol=1e-5),
            f"Con {shown}, a la clase más probable de la última fila le das {got[-1].max():.3f} y son "
            f"{expected[-1].max():.3f}.",
            _soften_hint(got, given, expected, temperature),
        )
    return (
        "No has necesitado los logits: solo se pierde una constante por imagen, que la softmax no ve. ¿Y si el "
        "proveedor redondeara las probabilidades a dos decimales?"
    )


def _soften(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    power = probabilities ** (1 / temperature)
    return power / power.sum(axis=1, keepdims=True)


def _soften_hint(got: np.ndarray, given: np.ndarray, expected: np.ndarray, temperature: float) -> str:
    if np.allclose(got, special.softmax(given / temperature, axis=1), atol=1e-4):
        return (
            "Has aplicado una softmax a lo que ya son probabilidades. Aun con temperatura 1 saldrían otras: la softmax "
            "quiere logits."
        )
    if np.allclose(got, given, atol=1e-4):
        return "Devuelves lo mismo que recibes: dividir entre T y volver a normalizar no cambia nada."
    if (got[given == 0] > 1e-9).any():
        return (
            "Una probabilidad de 0 sigue siendo 0. Un ε dentro del logaritmo, a temperatura alta, deja de ser pequeño."
        )
    if np.sign(got.max() - given.max()) == -np.sign(expected.max() - given.max()):
        return "Va al revés: una temperatura mayor que 1 acerca las probabilidades entre sí, y una menor las separa."
    return "Recupera el logit con un logaritmo, divídelo entre T y exponencia. Eso es una potencia: ¿de qué exponente?"


@exercise(
    "destilar-2",
    asks="Escribe `logit_gradient(student, teacher, labels, temperature, alpha)`: el gradiente de `mixed_loss`.",
    first_hint="La entropía cruzada de una softmax tiene por gradiente, respecto a los logits, softmax menos objetivo.",
)
def logit_gradient(trial: Trial) -> str:
    """Compara con la derivada exacta, con imágenes sin etiqueta entre medias."""
    rng = np.random.default_rng(192)
    for temperature, alpha, hidden in ((1.0, 1.0, 0), (1.0, 0.3, 0), (4.0, 0.0, 0), (3.0, 0.25, 0), (5.0, 0.4, 2)):
        count, classes = int(rng.integers(5, 9)), int(rng.integers(3, 11))
        student, teacher = rng.normal(0, 2, (2, count, classes))
        labels = rng.integers(0, classes, count)
        labels[rng.choice(count, hidden, replace=False)] = -1
        shown = f"T = {temperature:g}, α = {alpha:g} y {hidden} imágenes sin etiqueta"
        arguments = (student.copy(), teacher.copy(), labels.copy())
        got = trial.call(*arguments, temperature, alpha, shown=shown)
        got = _matrix(trial, got, student.shape, shown)
        same = [np.array_equal(a, b) for a, b in zip(arguments, (student, teacher, labels), strict=True)]
        _untouched(trial, all(same), shown)
        expected = _gradient(student, teacher, labels, temperature, alpha)
        # La tolerancia deja pasar unas diferencias finitas bien hechas.
        trial.require(
            np.allclose(got, expected, atol=1e-4),
            f"Con {shown}, en una imagen el gradiente de un logit es {_worst(expected, got):.4f} y tu función da "
            f"{_worst(got, expected, expected):.4f}.",
            _gradient_hint(got, expected, student, teacher, labels, temperature, alpha),
        )
    return (
        "Cuando T crece, la diferencia de las dos softmax encoge como 1/T. ¿Cómo crece el factor que la multiplica, y "
        "qué pasaría con la mezcla si lo quitaras?"
    )


def _gradient(student, teacher, labels, temperature, alpha, power: int = 1, unlabelled: float = 0.0) -> np.ndarray:
    target = np.eye(student.shape[1])[labels]
    weight = np.where(labels < 0, unlabelled, alpha)[:, np.newaxis]
    hard = special.softmax(student, axis=1) - target
    soft = special.softmax(student / temperature, axis=1) - special.softmax(teacher / temperature, axis=1)
    return weight * hard * (labels >= 0)[:, np.newaxis] + (1 - weight) * temperature**power * soft


def _gradient_hint(got, expected, student, teacher, labels, temperature, alpha) -> str:
    if np.allclose(got, -expected, atol=1e-4):
        return "Tiene el signo cambiado: el gradiente es softmax menos objetivo; quien resta es el optimizador."
    for power, what in ((0, "no lleva ningún factor"), (2, "lleva T²"), (-1, "lleva 1/T")):
        if np.allclose(got, _gradient(student, teacher, labels, temperature, alpha, power), atol=1e-4):
            return (
                f"Tu parte blanda {what}. La pérdida lleva T², y derivar `student / T` multiplica por 1/T: ¿qué queda?"
            )
    if np.allclose(got, _gradient(student, teacher, labels, temperature, 1 - alpha), atol=1e-4):
        return "Has intercambiado los pesos: α multiplica a la parte de la etiqueta y 1 − α a la del maestro."
    known = labels >= 0
    if np.allclose(got[known], expected[known], atol=1e-4):
        return (
            "Fallan solo las imágenes sin etiqueta (−1). Para ellas α vale 0: la parte blanda pesa 1 y la otra nada. "
            "Ojo con los índices: `eye[-1]` no da un error, da la última clase."
        )
    return (
        "Suma dos gradientes, cada uno con su peso: el de la etiqueta, sin temperatura, y el del maestro, con las dos "
        "softmax a temperatura T. No promedies entre imágenes: se pide uno por imagen."
    )


def _worst(values: np.ndarray, other: np.ndarray, like: np.ndarray | None = None) -> float:
    return float(values.ravel()[np.abs(values - other).argmax()])


@exercise(
    "destilar-3",
    asks="Escribe `verdict(alone, distilled, margin)`: si la destilación compensa, da igual, perjudica o no se sabe.",
    first_hint="Una diferencia por semilla, su intervalo del 95 % con la t de Student, y dónde cae respecto al margen.",
)
def verdict(trial: Trial) -> str:
    """Casos en que restar por semillas, la t y la equivalencia deciden; después, al azar."""
    rng = np.random.default_rng(193)
    cases = [
        ("diez semillas y una ganancia clara", np.linspace(78, 84, 10), np.linspace(93, 95, 10), 1.0),
        ("seis semillas muy distintas que ganan todas lo mismo", *_paired([62, 91, 75, 83, 69, 88], 1.9, 0.3), 1.0),
        ("ocho semillas casi iguales", *_paired([95.1, 95.6, 94.8, 95.3, 95.9, 95.0, 95.4, 95.2], 0.1, 0.2), 1.0),
        ("cinco semillas con cambios de signo", *_paired([80, 82, 79, 81, 83], 1.5, 4.0), 1.0),
        ("cinco semillas que empeoran", *_paired([90, 91, 89, 90, 92], -4.0, 0.5), 1.0),
        ("dos semillas que ganan cuatro puntos", np.array([80.0, 81.0]), np.array([83.5, 85.5]), 1.0),
        (
            "siete semillas que ganan medio punto seguro, con un margen de un punto",
            *_paired([80, 79, 82, 81, 80, 78, 83], 0.5, 0.1),
            1.0,
        ),
    ]
    for _ in range(20):
        count = int(rng.integers(3, 11))
        alone = rng.normal(85, 4, count)
        distilled = alone + rng.normal(rng.choice([-3, 0, 3]), rng.choice([0.3, 2]), count)
        cases.append((f"{count} semillas al azar", alone, distilled, float(rng.choice([0.5, 1.0, 2.0]))))
    for shown, alone, distilled, margin in cases:
        given = alone.copy(), distilled.copy()
        got = trial.text(trial.call(*given, margin, shown=shown), f"Con {shown}")
        _untouched(trial, np.array_equal(given[0], alone) and np.array_equal(given[1], distilled), shown)
        low, high = _seed_interval(distilled - alone)
        expected = _verdict(low, high, margin)
        trial.require(
            got == expected,
            f"Con {shown} respondes «{got}» y es «{expected}»: el intervalo de la diferencia va de {low:.2f} a "
            f"{high:.2f} puntos y el margen es {margin:g}.",
            _verdict_hint(got, expected, alone, distilled, margin),
        )
    return (
        "«No se sabe» es una respuesta: dice que faltan semillas. ¿Cuántas más pedirías si el intervalo fuera el doble "
        "de ancho de lo que necesitas?"
    )


def _paired(alone: list, gain: float, spread: float) -> tuple[np.ndarray, np.ndarray]:
    alone = np.array(alone, float)
    return alone, alone + gain + spread * np.resize([1.0, -1.1, 0.2], len(alone))


def _seed_interval(differences: np.ndarray) -> tuple[float, float]:
    interval = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    return float(interval.low), float(interval.high)


def _verdict(low: float, high: float, margin: float) -> str:
    if low > margin:
        return "compensa"
    if high < -margin:
        return "perjudica"
    return "da igual" if -margin < low and high < margin else "no se sabe"


def _unpaired(alone: np.ndarray, distilled: np.ndarray) -> tuple[float, float]:
    interval = stats.ttest_ind(distilled, alone, equal_var=False).confidence_interval(0.95)
    return float(interval.low), float(interval.high)


def _verdict_hint(got: str, expected: str, alone: np.ndarray, distilled: np.ndarray, margin: float) -> str:
    difference = distilled - alone
    normal = 1.96 * stats.sem(difference)
    if got not in ("compensa", "da igual", "perjudica", "no se sabe"):
        return "Devuelve una de estas cuatro cadenas: «compensa», «da igual», «perjudica», «no se sabe»."
    if expected == "da igual" and difference.mean() > 0 and got == "compensa":
        return "Que el intervalo no toque el cero no basta: la ganancia segura ha de pasar del margen."
    if expected == "no se sabe" and got == _verdict(difference.mean() - normal, difference.mean() + normal, margin):
        return "Con tan pocas semillas, 1.96 se queda corto: usa la t de Student con n − 1 grados de libertad."
    if expected == "no se sabe" and got == "da igual":
        return "No poder distinguirlas no es demostrar que son iguales: el intervalo entero debe caber en ±margen."
    if got == _verdict(*_unpaired(alone, distilled), margin):
        return "Resta semilla a semilla antes de calcular nada: lo que varía de una semilla a otra les pasa a las dos."
    if got == _verdict(difference.mean(), difference.mean(), margin):
        return "Decides con la media. Mira los dos extremos del intervalo."
    return "Compara los dos extremos del intervalo con `margin` y con `-margin`, no con cero."


@exercise(
    "destilar-4",
    asks="Escribe `cheapest_plan(rows, target, label_cost, teacher_cost, teacher_labels)`: el plan más barato.",
    first_hint="Haz una lista con todos los planes posibles y su coste; filtra los que llegan y elige el más barato.",
)
def cheapest_plan(trial: Trial) -> str:
    """Tablas en que el maestro, sus etiquetas o la cota cambian la decisión; después, al azar."""
    table = [_row(20, 60.0, 91.0), _row(60, 78.0, 92.5), _row(200, 88.0, 92.8), _row(1200, 94.0, 94.2)]
    cases = [
        ("un maestro regalado", (table, 90.0, 1.0, 0.0, 0)),
        ("un maestro carísimo", (table, 90.0, 1.0, 5000.0, 0)),
        ("un maestro propio, que pidió 1\u202f200 etiquetas", (table, 93.0, 1.0, 0.0, 1200)),
        ("un maestro propio y etiquetas que valen 2", (table, 92.0, 2.0, 100.0, 200)),
        ("un objetivo que nadie alcanza", (table, 99.0, 1.0, 0.0, 0)),
        ("un objetivo que se alcanza justo", (table, 78.0, 3.0, 1000.0, 0)),
    ]
    rng = np.random.default_rng(194)
    for _ in range(25):
        alone = np.sort(rng.uniform(50, 95, 5)).round(2)
        rows = [
            _row(int(n), float(a), float(min(a + g, 96)))
            for n, a, g in zip(
                np.sort(rng.choice(2000, 5, replace=False) + 1), alone, rng.uniform(-2, 20, 5), strict=True
            )
        ]
        rows = [rows[i] for i in rng.permutation(5)]
        costs = (float(rng.uniform(0.5, 3)), float(rng.choice([0, 50, 900])), int(rng.choice([0, 300, 1500])))
        cases.append(("una tabla al azar", (rows, float(rng.uniform(60, 97)), *costs)))
    for shown, (rows, target, *costs) in cases:
        given = [dict(row) for row in rows]
        got = trial.call(given, target, *costs, shown=shown)
        _untouched(trial, given == rows, shown)
        trial.require(
            type(got) is tuple and len(got) == 2 and type(got[0]) is str and type(got[1]) is int,
            f'Con {shown}, tu función devuelve {type(got).__name__} y se espera un par como `("solo", 60)`.',
            'Acaba con `return nombre, etiquetas`: una cadena y un entero. Si nadie llega, `("ninguno", 0)`.',
        )
        expected = _plan(rows, target, *costs)
        trial.require(
            got == expected,
            f"Con {shown}, objetivo {target:.4g} y costes {', '.join(f'{c:.3g}' for c in costs)}, respondes {got} y es "
            f"{expected}.",
            _plan_hint(got, rows, target, costs),
        )
    return (
        "Un maestro propio que pide muchas etiquetas casi nunca ahorra etiquetas: las has pagado ya. ¿Qué ahorra "
        "entonces, y a quién le sale rentable?"
    )


def _row(labels: int, alone: float, distilled: float) -> dict:
    return {"labels": labels, "alone": alone, "distilled": distilled}


def _plan(rows, target, label_cost, teacher_cost, teacher_labels, shared: bool = True) -> tuple[str, int]:
    plans = []  # (coste, acierto, nombre, etiquetas)
    for row in rows:
        n = row["labels"]
        paid = max(n, teacher_labels) if shared else n
        plans.append((n * label_cost, row["alone"], "solo", n))
        plans.append((paid * label_cost + teacher_cost, row["distilled"], "destilado", n))
    plans = [plan for plan in plans if plan[1] >= target]
    if not plans:
        return "ninguno", 0
    return min(plans, key=lambda plan: (plan[0], -plan[1], plan[2] != "solo"))[2:]


def _plan_hint(got: tuple, rows: list, target: float, costs: list) -> str:
    label_cost, teacher_cost, teacher_labels = costs
    if got == _plan(rows, target, label_cost, teacher_cost, 0, shared=False):
        return "Al maestro también hubo que etiquetarle imágenes: con él se pagan `max(labels, teacher_labels)`."
    if got == _plan(rows, target, label_cost, 0.0, teacher_labels):
        return "Falta `teacher_cost` en el coste de los planes con maestro."
    reached = [row["alone" if got[0] == "solo" else "distilled"] for row in rows if row["labels"] == got[1]]
    if got[0] != "ninguno" and reached and reached[0] < target:
        return "Ese plan no llega al objetivo. Filtra primero con la columna que le toca: `alone` o `distilled`."
    if got[0] == "ninguno":
        return "Hay planes que llegan. El objetivo se alcanza también cuando la cota es justo `target`."
    return "Hay otro más barato o, al mismo coste, uno que acierta más. Mira todas las filas: no vienen ordenadas."


def _matrix(trial: Trial, got: object, shape: tuple, shown: str) -> np.ndarray:
    trial.require(
        isinstance(got, np.ndarray) and got.shape == shape and got.dtype.kind == "f",
        f"Con {shown}, tu función devuelve {_shape(got)} y se espera un array de números reales de forma {shape}.",
        "Una fila por imagen y una columna por clase, como lo que recibes.",
    )
    trial.require(
        bool(np.isfinite(got).all()),
        f"Con {shown}, en el resultado hay NaN o infinitos.",
        "¿Hay algún logaritmo de cero, o una división entre cero?",
    )
    return got


def _shape(value: object) -> str:
    return f"un array {value.dtype} de forma {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__


def _untouched(trial: Trial, same: bool, shown: str) -> None:
    trial.require(
        bool(same),
        f"Con {shown}, tu función cambia los datos que recibe.",
        "Trabaja sobre una copia: quien te llama los necesita intactos.",
    )
