"""Ejercicios de `acelerar/medir`."""

import numpy as np
import pandas as pd
from scipy import stats

from ligero import measure
from ligero.exercises import Trial, exercise


class _Machine:
    """Una máquina de mentira: el reloj solo avanza cuando alguien llama a un modelo."""

    def __init__(self):
        self.now, self.calls = 0.0, 0

    def clock(self) -> float:
        return self.now

    def program(self, seconds):
        """Función que, en su llamada i (desde 0), tarda `seconds(i)`."""
        count = iter(range(10**9))

        def run() -> None:
            self.calls += 1
            self.now += seconds(next(count))

        return run


@exercise(
    "medir-1",
    asks="Escribe `benchmark(invoke, clock, warm_up, rounds)`: la latencia típica, en milisegundos y en caliente.",
    first_hint="Primero `warm_up` llamadas sin anotar; después, el reloj justo antes y justo después de cada una.",
)
def benchmark(trial: Trial) -> str:
    """Máquina de mentira: lenta al empezar y con una interrupción de vez en cuando."""
    for warm_up, rounds, base in ((3, 11, 0.004), (7, 20, 0.0105), (0, 9, 0.002)):
        machine = _Machine()

        def seconds(i, warm_up=warm_up, base=base):
            if i < warm_up:
                return 40 * base
            # El ruido solo suma, y una de cada cinco sufre una interrupción larga.
            return base * (1 + 0.01 * ((7 * i) % 5)) + (25 * base if (i - warm_up) % 5 == 4 else 0)

        expected = 1000 * float(np.median([seconds(i) for i in range(warm_up, warm_up + rounds)]))
        mean = 1000 * float(np.mean([seconds(i) for i in range(warm_up, warm_up + rounds)]))
        cold = 1000 * float(np.median([seconds(i) for i in range(rounds)]))
        shown = f"warm_up={warm_up} y rounds={rounds}"
        got = trial.call(machine.program(seconds), machine.clock, warm_up, rounds, shown=shown)
        got = trial.number(got, f"Con {shown}")
        where = f"Con {shown}, tu función da {got:.4g} y se espera {expected:.4g} ms."
        trial.require(
            machine.calls > 0 or got == expected,
            f"{where} No ha llamado a `invoke` ni una vez.",
            "La latencia sale de llamar a `invoke()` entre dos lecturas de `clock()`.",
        )
        trial.require(
            not np.isclose(got * 1000, expected),
            f"{where} Parecen segundos.",
            "`clock` da segundos; multiplica por mil.",
        )
        trial.require(
            not np.isclose(got, mean),
            f"{where} Has dado la media, que una interrupción arrastra.",
            "Guarda cada tiempo por separado y da la mediana.",
        )
        trial.require(
            machine.calls == warm_up + rounds,
            f"Con {shown}, llamas {machine.calls} veces a `invoke` y deben ser {warm_up + rounds}.",
            "`warm_up` llamadas sin anotar y, además, `rounds` anotadas.",
        )
        trial.require(
            warm_up == 0 or not np.isclose(got, cold) or np.isclose(cold, expected),
            f"{where} Estás anotando el calentamiento.",
            "Las primeras `warm_up` llamadas no entran en la cuenta.",
        )
        trial.require(
            np.isclose(got, expected),
            where,
            "Cronometra cada llamada por separado, no el bucle entero, y da la mediana de los tiempos.",
        )
    return "Si tu aplicación infiere una vez por minuto, ¿qué valor de `warm_up` describe lo que nota quien la usa?"


@exercise(
    "medir-2",
    asks="Escribe `upper_bound(times, q)`: cota superior del percentil `q` al 95 %, o «faltan muestras».",
    first_hint="El número de muestras por debajo del percentil sigue una binomial de probabilidad `q / 100`.",
)
def upper_bound(trial: Trial) -> str:
    """Prueba los tamaños en que la cota empieza a existir, y datos desordenados."""
    rng = np.random.default_rng(91)
    for n, q in ((298, 99), (299, 99), (58, 95), (59, 95), (40, 50), (600, 99), (120, 90), (5, 50), (4, 50)):
        times = (10 + rng.gamma(1.5, 2.0, n)).tolist()
        ordered = sorted(times)
        levels = stats.binom.cdf(np.arange(n), n, q / 100)
        expected = ordered[int(np.argmax(levels >= 0.95))] if (levels >= 0.95).any() else None
        shown = f"{n} muestras y q={q}"
        original = list(times)
        got = trial.call(times, q, shown=shown)
        trial.require(
            times == original,
            f"Con {shown}, tu función cambia la lista que recibe.",
            "Ordena una copia con `sorted(times)`.",
        )
        if expected is None:
            refused = isinstance(got, str) and got == "faltan muestras"
            trial.require(
                refused,
                f"Con {shown} das una cota, y ni la peor muestra lo es al 95 %.",
                "Calcula con qué probabilidad caen todas las muestras por debajo del percentil.",
            )
            continue
        trial.require(
            not isinstance(got, str),
            f"Con {shown} dices que faltan muestras, y bastan.",
            "Es una cota de un solo lado: 0.95, no 0.975; y el puesto k falla si caen por debajo k muestras o más.",
        )
        got = trial.number(got, f"Con {shown}")
        place = f"el puesto {ordered.index(got) + 1}" if got in ordered else "un valor que no es ninguna muestra"
        right = ordered.index(expected) + 1
        trial.require(
            not np.isclose(got, float(np.percentile(times, q))),
            f"Con {shown} das el percentil de las muestras, no una cota: la mitad de las veces se queda corto.",
            "La cota deja sitio para la mala suerte: está más arriba que el percentil.",
        )
        trial.require(
            got == expected,
            f"Con {shown} das {place} y la menor cota válida es el puesto {right}.",
            "El puesto k vale si la binomial deja k − 1 o menos por debajo con probabilidad 0.95 o más.",
        )
    return "¿Cuántas muestras pedirías para una cota del p99.9? Haz la cuenta antes de prometer ese número a nadie."


@exercise(
    "medir-3",
    asks="Escribe `verdict(candidate, reference, margin)`: si se puede decir que no se ha perdido exactitud.",
    first_hint="Un intervalo permite tres respuestas, y cada extremo sirve para afirmar una cosa.",
)
def verdict(trial: Trial) -> str:
    """Aciertos fabricados para que cada atajo (valor p, punto, margen con otro signo) se delate."""
    # n, aciertos comunes, gana solo el candidato, pierde solo el candidato, margen
    cases = (
        (2000, 1900, 4, 6, 1.0, _MARGIN),
        (60, 55, 0, 2, 1.0, _PVALUE),
        (100, 90, 1, 1, 1.0, _PVALUE),
        (4000, 3800, 2, 30, 2.0, "Perder algo con seguridad no es perder más que el margen: compara con `-margin`."),
        (2000, 1700, 5, 120, 2.0, _SIGN),
        (2000, 1900, 10, 32, 1.0, "Mira qué extremos quedan a cada lado de `-margin`: si uno a cada lado, no se sabe."),
        (500, 450, 0, 0, 0.5, "Aunque coincidan en todo, el intervalo tiene anchura: mira su extremo."),
        (1500, 1300, 60, 58, 1.0, _PVALUE),
        (1797, 1700, 12, 2, 0.5, "Ganar exactitud también es no haberla perdido."),
    )
    rng = np.random.default_rng(17)
    for n, both, gained, lost, margin, hint in cases:
        candidate, reference = np.zeros(n, bool), np.zeros(n, bool)
        candidate[: both + gained] = True
        reference[:both] = True
        reference[both + gained : both + gained + lost] = True
        order = rng.permutation(n)
        candidate, reference = candidate[order], reference[order]
        expected = _verdict(candidate, reference, margin)
        shown = f"{n} ejemplos, {gained} ganados, {lost} perdidos y margen {margin:g}"
        got = trial.text(trial.call(candidate.copy(), reference.copy(), margin, shown=shown), f"Con {shown}")
        trial.require(
            got in ("no se ha perdido", "se ha perdido", "no se sabe"),
            f"Con {shown} respondes «{got}».",
            "Las respuestas posibles son «no se ha perdido», «se ha perdido» y «no se sabe».",
        )
        trial.require(got == expected, f"Con {shown} respondes «{got}» y es «{expected}».", hint)
    return "Con «no se sabe», ¿cuántos ejemplos más harían falta? La anchura baja con la raíz de su número."


_MARGIN = "Basta con que el extremo inferior quede por encima de `-margin`, aunque el intervalo contenga el cero."
_PVALUE = (
    "No distinguirlos (p > 0.05) o verlos casi iguales no basta: afirma solo lo que el extremo inferior asegura, y con "
    "pares."
)
_SIGN = "«Se ha perdido» cuando hasta el extremo superior queda por debajo de `-margin`."


def _verdict(candidate: np.ndarray, reference: np.ndarray, margin: float) -> str:
    difference = measure.paired_difference(candidate, reference)
    if difference.low > -margin:
        return "no se ha perdido"
    return "se ha perdido" if difference.high < -margin else "no se sabe"


@exercise(
    "medir-4",
    asks="Escribe `choose_threads(rows, free_cores, tolerance)`: el menor número de hilos que no se deja casi nada.",
    first_hint="Tres pasos: descartar, buscar la mejor latencia de las que quedan y ver quién se le acerca.",
)
def choose_threads(trial: Trial) -> str:
    """Tablas en que más hilos empeoran, en que faltan núcleos y en que el último hilo no aporta nada."""
    amdahl = _rows({1: 12.0, 2: 7.2, 3: 5.6, 4: 4.8, 8: 4.7})
    cases = [
        (amdahl, 8, 0.05, "El octavo hilo apenas mejora: entre los que se acercan a la mejor, el menor."),
        (amdahl, 3, 0.05, "Más hilos que núcleos libres no valen: descártalos."),
        (amdahl, 2, 0.30, "Descarta antes de buscar la mejor: la de ocho hilos no está a tu alcance."),
        (amdahl, 8, 0.0, "Sin tolerancia gana la más rápida que te puedes permitir."),
        (amdahl, 0, 0.1, "Sin núcleos libres queda siempre un hilo."),
        (
            _rows({4: 0.9, 1: 0.5, 2: 0.7}),
            4,
            0.1,
            "En una red minúscula más hilos empeoran, y las filas no van en orden.",
        ),
        (_rows({2: 8.0, 1: 10.0, 4: 9.0}), 4, 0.25, "«No pasa de» incluye el límite: usa `<=`."),
    ]
    rng = np.random.default_rng(5)
    for _ in range(20):
        table = _rows({int(t): round(float(rng.uniform(2, 12)), 2) for t in rng.permutation([1, 2, 3, 4, 6, 8])})
        cases.append((table, int(rng.integers(1, 9)), 0.2, "Primero descarta, luego la mejor, al final el menor."))
    for rows, free_cores, tolerance, hint in cases:
        listed = ", ".join(f"{row['threads']}: {row['ms']:g} ms" for row in rows)
        shown = f"{listed}; {free_cores} núcleos libres y tolerancia {tolerance:g}"
        got = trial.call([dict(row) for row in rows], free_cores, tolerance, shown=shown)
        got = trial.number(got, f"Con {shown}")
        allowed = [row for row in rows if row["threads"] <= max(1, free_cores)]
        best = min(row["ms"] for row in allowed)
        expected = min(row["threads"] for row in allowed if row["ms"] <= (1 + tolerance) * best)
        if got != expected and got <= free_cores < len(rows):
            hint = "Descarta antes de buscar la mejor: no te compares con una latencia que no está a tu alcance."
        trial.require(got == expected, f"Con {shown}, eliges {got:g} y toca {expected}.", hint)
    return "El número que has elegido vale para esa máquina ociosa. ¿Qué elegirías si a veces llega un vecino?"


def _rows(table: dict[int, float]) -> list[dict]:
    return [{"threads": threads, "ms": ms} for threads, ms in table.items()]


@exercise(
    "medir-5",
    asks="Escribe `compare(run_a, run_b, clock, rounds)`: cuántas veces tarda B lo que A, en una máquina con vecinos.",
    first_hint="Mide juntos A y B, en cada ronda, y resume los cocientes.",
)
def compare(trial: Trial) -> str:
    """Máquina de mentira: lenta al empezar, con un vecino que llega y se va, y con castigo al segundo de la pareja."""
    for rounds, ratio, neighbour in ((40, 1.0, (0.5, 9.0)), (41, 0.8, (0.3, 0.7)), (60, 1.25, (0.25, 9.0))):
        machine = _Unfair(ratio, rounds, neighbour)
        shown = f"una máquina con vecino, {rounds} rondas y un cociente verdadero de {ratio:g}"
        got = trial.call(machine.run_a, machine.run_b, machine.clock, rounds, shown=shown)
        got = trial.number(got, f"Con {shown}")
        where = f"Con {shown}, tu función da {got:.3f}."
        trial.require(
            len(machine.order) <= 4 * rounds,
            f"Con {shown} haces {len(machine.order)} llamadas y el máximo es {4 * rounds}.",
            "Bastan unas pocas de calentamiento y una de cada modelo por ronda.",
        )
        if abs(got / ratio - 1) <= 0.02:
            trial.require(
                machine.order.count("a") >= rounds // 2 <= machine.order.count("b"),
                f"{where} Has llamado {machine.order.count('a')} veces a A y {machine.order.count('b')} a B.",
                "Mide los dos en cada ronda: con menos, acertar es suerte.",
            )
            continue
        trial.reject(where, machine.diagnosis(got))
    return "¿Y si el vecino despertara justo cada dos llamadas? Un orden al azar no tiene ritmo que imitar."


@exercise(
    "medir-6",
    asks="Escribe `needed_gain(rows, kind, wanted)`: cuánto hay que acelerar un tipo de operador para acelerar la red.",
    first_hint="Calcula primero cuánto puede tardar la red y cuánto tardan los operadores que no vas a tocar.",
)
def needed_gain(trial: Trial) -> str:
    """Perfiles inventados, con operadores repartidos por el grafo y alguno sin aislar."""
    for times, kind, wanted in (
        ([("CONV_2D", 6.0), ("MEAN", 1.0), ("CONV_2D", 2.0), ("SOFTMAX", 1.0)], "CONV_2D", 2.0),
        ([("DEQUANTIZE", np.nan), ("CONV_2D", 3.0), ("ADD", 5.0), ("CONV_2D", 4.0)], "CONV_2D", 1.5),
        ([("CONV_2D", 9.0), ("MEAN", 1.0)], "MEAN", 1.05),
        ([("CONV_2D", 6.0), ("ADD", 4.0)], "CONV_2D", 3.0),
        ([("CONV_2D", 8.0), ("ADD", 8.0)], "CONV_2D", 2.0),
    ):
        rows = pd.DataFrame(times, columns=["operador", "ms"])
        total, own = rows["ms"].sum(), rows.loc[rows["operador"] == kind, "ms"].sum()
        allowed = total / wanted - (total - own)
        described = ", ".join(f"{operator} {ms:g}" for operator, ms in times)
        shown = f"los ms [{described}], {kind} y wanted={wanted:g}"
        got = trial.call(rows, kind, wanted, shown=shown)
        if allowed <= 0:
            trial.require(
                isinstance(got, str) and got == "no basta",
                f"Con {shown} no se llega: lo demás tarda {total - own:g} ms y la red puede tardar {total / wanted:g}.",
                'Cuando lo que no mejora ya agota el tiempo, devuelve `"no basta"`.',
            )
            continue
        expected = own / allowed
        trial.require(
            not isinstance(got, str),
            f"Con {shown} sí se llega: lo demás tarda {total - own:g} ms y la red puede tardar {total / wanted:.4g}.",
            "«No basta» es solo para cuando no queda tiempo para los tuyos.",
        )
        trial.require(
            not (isinstance(got, float) and np.isnan(got)),
            f"Con {shown}, tu función da NaN: has sumado el tiempo de un operador que no se pudo aislar.",
            "La suma de pandas deja fuera los NaN; la de NumPy y la de Python, no.",
        )
        got = trial.number(got, f"Con {shown}")
        where = f"Con {shown}, tu función da {got:.4g} y se espera {expected:.4g}."
        trial.require(
            not np.isclose(got, wanted),
            f"{where} Así los demás operadores tendrían que mejorar también.",
            "Lo que no tocas tarda lo mismo que antes: réstalo del tiempo permitido.",
        )
        trial.require(
            not np.isclose(got, 1 / expected),
            f"{where} Es el cociente al revés.",
            "Veces más rápido: el tiempo de ahora entre el permitido.",
        )
        one = rows.loc[rows["operador"] == kind, "ms"].max()
        trial.require(
            one == own or not np.isclose(got * (total / wanted - total + one), one),
            f"{where} Solo has contado uno de los operadores {kind}.",
            "Mejoran todos los de ese tipo: suma sus tiempos.",
        )
        amdahl = 1 / (1 - own / total + own / total / wanted)
        trial.require(
            not np.isclose(got, amdahl),
            f"{where} Eso es lo que gana la red si el operador mejora `wanted` veces.",
            "La pregunta va al revés: despeja la ganancia del operador.",
        )
        trial.require(np.isclose(got, expected), where, "Tiempo de los tuyos ahora, entre el que les queda permitido.")
    return "¿Y qué tipo pide menos esfuerzo? El que más pesa no siempre es el más fácil de mejorar: el tejado lo dice."


class _Unfair:
    """Dos modelos en una máquina injusta; recuerda en qué orden se los llamó."""

    def __init__(self, ratio: float, rounds: int, neighbour: tuple[float, float]):
        self.now, self.order, self._ratio, self._rounds, self._neighbour = 0.0, [], ratio, rounds, neighbour

    def clock(self) -> float:
        return self.now

    def run_a(self) -> None:
        self._run("a", 0.010)

    def run_b(self) -> None:
        self._run("b", 0.010 * self._ratio)

    def _run(self, name: str, seconds: float) -> None:
        i = len(self.order)
        begin, end = (fraction * 2 * self._rounds for fraction in self._neighbour)
        load = 2.5 if begin <= i < end else 1.0
        cold = 5.0 if i < 4 else 1.0
        # Quien sigue al otro encuentra la caché ajena.
        second = 1.08 if self.order and self.order[-1] != name and i % 2 else 1.0
        self.order.append(name)
        self.now += seconds * load * cold * second

    def diagnosis(self, got: float) -> str:
        if not self.order:
            return "No has llamado a `run_a` ni a `run_b`: el cociente se mide."
        switches = sum(x != y for x, y in zip(self.order, self.order[1:], strict=False))
        if switches <= 2:
            return "Mides por bloques, y el vecino llega a uno de los dos. Intercala A y B."
        if np.isclose(got * self._ratio, 1, atol=0.1) and self._ratio != 1:
            return "Es B entre A, no A entre B."
        halves = [tuple(self.order[i : i + 2]) for i in range(0, len(self.order) - 1, 2)]
        if len(set(halves[-self._rounds // 2 :])) == 1:
            return "Siempre va segundo el mismo, y el segundo paga más. Alterna el orden."
        return "Guarda un cociente por pareja y da su mediana: una suma o una media deja entrar al vecino."
