"""Ejercicios de `acelerar/rendimiento`."""

import math
from fractions import Fraction
from itertools import product

import numpy as np

from ligero.exercises import Trial, exercise


@exercise(
    "rend-1",
    asks="Escribe `cores_needed(requests_per_second, latency_ms, utilization)`: el menor número entero de núcleos.",
    first_hint="¿Cuántos segundos de núcleo hacen falta cada segundo? El resultado se redondea hacia arriba.",
)
def cores_needed(trial: Trial) -> str:
    """Compara con la cuenta exacta, también donde la coma flotante se pasa por poco."""
    cases = [
        (300, 10, 0.5),
        (7, 100, 1.0),
        (50, 30, 0.6),
        (1000, 8.5, 0.7),
        (3, 20, 0.9),
        (300, 7, 0.7),
        (560, 15, 0.6),
    ]
    for requests, latency, utilization in cases:
        shown = f"{requests} peticiones por segundo de {latency:g} ms y ocupación {utilization:g}"
        got = trial.number(trial.call(requests, latency, utilization, shown=shown), f"Con {shown}")
        exact = Fraction(requests) * Fraction(str(latency)) / 1000 / Fraction(str(utilization))
        wanted = math.ceil(exact)
        trial.require(
            got == wanted,
            f"Con {shown}, tu función pide {got:g} núcleos y hacen falta {wanted}.",
            _cores_hint(got, exact),
        )
    return "Ese es el tráfico medio. ¿Qué ocupación elegirías si llegan ráfagas del doble?"


def _cores_hint(got: float, exact: Fraction) -> str:
    wanted = math.ceil(exact)
    if got != int(got):
        return "No se alquila medio núcleo: devuelve un entero, redondeado hacia arriba."
    if got == wanted + 1:
        return "Sobra uno. Cuando la cuenta da un entero justo, la coma flotante puede ponerle una cola."
    if got == math.floor(exact):
        return "Redondeas hacia abajo: los núcleos no llegan a cubrir el tráfico."
    if got >= 100 * wanted:
        return "¿En qué unidad está la latencia? Un segundo tiene 1 000 ms."
    return "Cada segundo llegan peticiones × ms / 1 000 segundos de trabajo; un núcleo solo da `utilization`."


@exercise(
    "rend-2",
    asks="Escribe `overall_speedup(stages_ms, speedups)`: las veces que se acelera el conjunto.",
    first_hint="Suma lo que tardaba todo y lo que tardará todo. ¿Cuánto tarda una etapa que va s veces más rápida?",
)
def overall_speedup(trial: Trial) -> str:
    """Varias etapas aceleradas, frenadas o suprimidas."""
    cases = [
        ([8.0, 2.0], [1, 4]),
        ([5.0, 3.0, 2.0], [2, 3, 1]),
        ([6.0, 3.0, 1.0], [1, math.inf, 1]),
        ([4.0, 4.0, 2.0], [4, 0.5, 1]),
        ([1.0, 1.0, 1.0, 97.0], [10, 10, 10, 1]),
    ]
    for stages, factors in cases:
        shown = f"etapas {stages} y factores {factors}"
        got = trial.number(trial.call(list(stages), list(factors), shown=shown), f"Con {shown}")
        wanted = sum(stages) / sum(ms / factor for ms, factor in zip(stages, factors, strict=True))
        trial.require(
            math.isclose(got, wanted, rel_tol=1e-6),
            f"Con {shown}, tu función da {got:.4g} y el conjunto se acelera {wanted:.4g} veces.",
            _speedup_hint(got, stages, factors, wanted),
        )
    return "Frenar una etapa resta ganancia a las demás. ¿Qué optimización acelera el modelo y frena lo de antes?"


def _speedup_hint(got: float, stages: list, factors: list, wanted: float) -> str:
    if math.isclose(got, 1 / wanted, rel_tol=1e-6):
        return "Está del revés: tiempo de antes entre tiempo de después."
    if any(math.isclose(got, value, rel_tol=1e-6) for value in (sum(factors) / len(factors), math.prod(factors))):
        return "Los factores no se promedian ni se multiplican: cada uno afecta solo a lo que tardaba su etapa."
    after = sum(ms / factor for ms, factor in zip(stages, factors, strict=True))
    if math.isclose(got, after, rel_tol=1e-6):
        return "Eso es lo que tarda después, en ms. Se pide cuántas veces más rápido va."
    return "Divide los ms de cada etapa por su factor y súmalos. Con varias etapas no basta una p."


@exercise(
    "rend-3",
    asks="Escribe `late_share(other_ms, model_ms, deadline_ms)`: la fracción de peticiones que se pasan del plazo.",
    first_hint="Cada tiempo de una lista puede coincidir con cualquiera de la otra: son todas las parejas.",
)
def late_share(trial: Trial) -> str:
    """Compara con la cuenta sobre todas las parejas, con listas de distinta longitud y empates con el plazo."""
    rng = np.random.default_rng(17)
    cases = [
        ([10.0, 90.0, 10.0], [5.0, 40.0], 60.0, "[10, 90, 10], [5, 40] y 60"),
        ([1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0], 5.0, "[1, 2, 3, 4], [4, 3, 2, 1] y 5"),
        (rng.lognormal(3, 0.5, 400).tolist(), rng.lognormal(2, 0.8, 150).tolist(), 60.0, "400 y 150 tiempos y 60"),
    ]
    for other, model, deadline, shown in cases:
        got = trial.number(trial.call(list(other), list(model), deadline, shown=shown), f"Con {shown}")
        totals = np.add.outer(other, model)
        wanted = float((totals > deadline).mean())
        trial.require(
            math.isclose(got, wanted, abs_tol=1e-9),
            f"Con {shown}, tu función da {got:.4g} y la fracción es {wanted:.4g}.",
            _late_hint(got, other, model, deadline, totals),
        )
    return "Has supuesto que lo lento de un lado no atrae lo lento del otro. ¿Y si comparten una máquina ocupada?"


def _late_hint(got: float, other: list, model: list, deadline: float, totals: np.ndarray) -> str:
    if math.isclose(got, float((totals >= deadline).mean())):
        return "Llegar justo a la hora no es llegar tarde: se pasa quien tarda más que el plazo."
    if math.isclose(got, float((totals <= deadline).mean())) or got > 1:
        return "Se pide la fracción que se pasa, entre 0 y 1: ni la que llega, ni un porcentaje, ni cuántas son."
    n = min(len(other), len(model))
    paired = np.add(other[:n], model[:n]) > deadline
    if math.isclose(got, float(paired.mean())):
        return "Has sumado el primero con el primero y así. Se midieron por separado: no van por parejas."
    if got in (0.0, 1.0):
        return "Con las medias o los percentiles no basta: uno solo no dice cuántas se pasan."
    return "Haz una tabla: en cada casilla, un tiempo de lo demás más uno del modelo. ¿Qué parte supera el plazo?"


@exercise(
    "rend-4",
    asks="Escribe `cheapest_plan(stages_ms, options, deadline_ms)`: el plan que cumple el plazo con menos días.",
    first_hint="De cada etapa se elige una opción o ninguna. ¿Cuántas combinaciones son con tres etapas?",
)
def cheapest_plan(trial: Trial) -> str:
    """Planes en que gana lo contrario de lo que dice cada atajo."""

    def option(name: str, stage: str, speedup: float, days: int) -> dict:
        return {"name": name, "stage": stage, "speedup": speedup, "days": days}

    stages = {"decodificar": 30.0, "encoger": 20.0, "red": 50.0}
    cases = [
        ("ya se cumple", stages, [option("cuantizar", "red", 3, 2)], 100.0),
        ("dos cambios pequeños", stages, [option("reescribir", "red", 5, 20), option("draft", "decodificar", 3, 1),
                                          option("cuantizar", "red", 2, 3)], 60.0),
        ("una sola por etapa", stages, [option("int8", "red", 2, 1), option("podar", "red", 2, 1)], 70.0),
        ("no hay manera", stages, [option("cuantizar", "red", 100, 2)], 40.0),
        ("empate en días", stages, [option("a", "red", 1.8, 2), option("b", "decodificar", 6, 2),
                                    option("c", "encoger", 1.5, 2)], 80.0),
        ("tres etapas", stages, [option("x", "red", 2, 2), option("y", "encoger", 4, 2),
                                 option("z", "decodificar", 2, 2), option("w", "red", 10, 7)], 46.0),
    ]  # fmt: skip
    for name, parts, options, deadline in cases:
        shown = f"«{name}» (plazo {deadline:g} ms)"
        got = trial.call(dict(parts), [dict(o) for o in options], deadline, shown=shown)
        wanted = _plan(parts, options, deadline)
        trial.require(
            isinstance(got, list | str),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una lista de nombres o «ninguno».",
            'Devuelve `[]` si no hay que hacer nada y `"ninguno"` si no se puede.',
        )
        trial.require(
            got == wanted,
            f"Con {shown}, tu función elige {got} y el plan es {wanted}. Etapas: {parts}; opciones: "
            + "; ".join(f"{o['name']} ({o['stage']} ×{o['speedup']:g}, {o['days']} días)" for o in options)
            + ".",
            _plan_hint(got, wanted, parts, options, deadline),
        )
    return "Los días también son una estimación. ¿El plan más barato, o el que aguanta que uno de ellos falle?"


def _total(parts: dict, chosen: list) -> float:
    factors = {o["stage"]: o["speedup"] for o in chosen}
    return sum(ms / factors.get(stage, 1) for stage, ms in parts.items())


def _plan(parts: dict, options: list, deadline: float) -> list | str:
    choices = [[None] + [o for o in options if o["stage"] == stage] for stage in parts]
    plans = []
    for combination in product(*choices):
        chosen = [o for o in combination if o]
        total = _total(parts, chosen)
        if total <= deadline:
            plans.append((sum(o["days"] for o in chosen), total, sorted(o["name"] for o in chosen)))
    return min(plans)[2] if plans else "ninguno"


def _plan_hint(got: object, wanted: list | str, parts: dict, options: list, deadline: float) -> str:
    nothing = "«ninguno» solo cuando ninguna combinación cumple el plazo, y entonces siempre."
    if isinstance(got, str):
        return nothing
    by_name = {o["name"]: o for o in options}
    if not all(isinstance(name, str) and name in by_name for name in got):
        return "La lista debe llevar los `name` de las opciones elegidas."
    chosen = [by_name[name] for name in got]
    if len({o["stage"] for o in chosen}) < len(chosen):
        return "Has elegido dos opciones de la misma etapa."
    if _total(parts, chosen) > deadline:
        return f"Ese plan tarda {_total(parts, chosen):.4g} ms y no cumple. {nothing}"
    days, best = sum(o["days"] for o in chosen), sum(by_name[name]["days"] for name in wanted)
    if days > best:
        return f"Ese plan cuesta {days} días y hay otro de {best}. Mira combinaciones, no opciones sueltas."
    if sorted(got) != got:
        return "Son esas, pero en orden alfabético."
    return "A igualdad de días, gana el que deja el total más corto."
