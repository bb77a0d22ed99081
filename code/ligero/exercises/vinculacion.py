"""Ejercicios de `preparar/vinculacion`."""

from copy import deepcopy
from math import inf, isclose, isnan, nan
from numbers import Real

import numpy as np
import pandas as pd

from ligero.exercises import Trial, exercise


@exercise(
    "vinculacion-1",
    asks="Escribe `maximum_age(curve, fallback)`: la mayor edad hasta la que ninguna es peor que la reserva.",
    first_hint="Mira el dibujo de la sección «Tarde»: la respuesta está antes del primer cruce, no del último.",
)
def maximum_age(trial: Trial) -> str:
    """Pone curvas con baches, desordenadas, con empates y sin ninguna edad que valga."""
    bump = [(2, 20.0), (6, 24.0), (12, 31.0), (24, 26.0), (36, 33.0)]
    rng = np.random.default_rng(8)
    cases = [
        ([(2, 20.0), (4, 23.0), (8, 27.0)], 25.0, "la curva del enunciado"),
        (bump, 28.0, "una curva con un bache en 24 horas"),
        ([(1, 20.0), (3, 25.0), (5, 30.0)], 25.0, "un empate con la reserva"),
        ([(2, 20.0), (6, 22.0), (12, 24.0)], 28.0, "una curva que nunca cruza"),
        ([(1, 30.0), (2, 20.0)], 25.0, "una curva en que ni la menor edad vale"),
        (bump[::-1], 28.0, "la misma curva, de mayor a menor edad"),
    ] + [
        ([(int(a), float(e)) for a, e in zip(rng.permutation(40)[:8] + 1, rng.uniform(20, 32, 8), strict=True)], 28.0,
         "una curva al azar, desordenada")
        for _ in range(20)
    ]  # fmt: skip
    for curve, fallback, shown in cases:
        got = trial.number(trial.call(list(curve), fallback, shown=shown), f"Con {shown}")
        expected = _maximum_age(curve, fallback)
        trial.require(
            got == expected,
            f"Con {shown} ({sorted(curve)}, reserva {fallback}) das {got:g} y es {expected}.",
            _age_hint(curve, fallback, got),
        )
    return (
        "La curva se midió con un modelo que nunca había visto datos viejos. ¿Qué cambiaría si lo entrenaras con "
        "retrasos simulados y la edad como una columna más?"
    )


def _maximum_age(curve: list, fallback: float) -> float:
    admitted = 0
    for age, error in sorted(curve):
        if error > fallback:
            break
        admitted = age
    return admitted


def _age_hint(curve: list, fallback: float, got: float) -> str:
    good = [age for age, error in curve if error <= fallback]
    if good and got == max(good):
        return "Esa edad vale, pero antes hay otra peor que la reserva: un bache no deja pasar a las siguientes."
    if got == max(age for age, _ in curve):
        return "Esa es la mayor de todas, valga o no: compara cada error con `fallback`."
    if not good or _maximum_age(curve, fallback) == 0:
        return "Si la menor edad ya pierde, la respuesta es 0."
    if any(error == fallback for _, error in curve):
        return "Empatar con la reserva no es perder: usa `>` para parar."
    return "La curva puede venir en cualquier orden: ordénala por edad antes de recorrerla."


@exercise(
    "vinculacion-2",
    asks="Escribe `join_daily(requests, daily)`: la última media diaria publicada cuando se hizo cada petición.",
    first_hint="La media del día 3 se publica el día 4 a las 06:00. ¿Cuántas horas hay desde que empieza el día 3?",
)
def join_daily(trial: Trial) -> str:
    """Prueba el borde de las 06:00, el orden, las zonas, los días sin publicar y las tablas intactas."""
    daily = pd.DataFrame(
        {
            "zone": ["norte", "sur", "norte", "sur", "norte"],
            "day": pd.to_datetime(["2023-03-05", "2023-03-04", "2023-03-03", "2023-03-03", "2023-03-04"]),
            "mean": [15.0, 24.0, 13.0, 23.0, 14.0],
        }
    )
    cases = [
        ("norte", "2023-03-05 12:00", 14.0, "a mediodía",
         "Esa media es la del propio día, que a mediodía no ha acabado." ),
        ("norte", "2023-03-05 06:00", 14.0, "a las 06:00 en punto",
         "A las 06:00 en punto la media del día anterior ya está publicada: el instante exacto cuenta."),
        ("norte", "2023-03-05 05:59", 13.0, "a las 05:59",
         "A las 05:59 la media de ayer todavía no se ha publicado: vale la de anteayer."),
        ("sur", "2023-03-06 12:00", 24.0, "con un día que nunca se publicó",
         "Pide la más reciente que haya: si falta la de ayer, sirve la anterior de esa misma zona."),
        ("sur", "2023-03-04 01:00", nan, "antes de la primera publicación",
         "Si no se había publicado ninguna, la respuesta es `NaN`."),
    ]  # fmt: skip
    for zone, asked_at, expected, when, hint in cases:
        requests = pd.DataFrame({"zone": [zone], "asked_at": pd.to_datetime([asked_at])})
        (got,) = _joined(trial, requests, daily, f"una petición de la zona {zone} {when}")
        trial.require(_same(got, expected), f"Con una petición {when} das {got} y es {expected}.", hint)
    rng = np.random.default_rng(3)
    for _ in range(5):
        days = pd.date_range("2023-01-01", periods=40, freq="D")
        many = pd.DataFrame({"zone": rng.choice(["a", "b", "c"], 90), "day": rng.choice(days, 90)})
        many = many.drop_duplicates().assign(mean=lambda t: rng.normal(15, 5, len(t)))
        asked = pd.Timestamp("2023-01-03") + pd.to_timedelta(rng.integers(0, 40 * 48, 60) / 2, unit="h")
        requests = pd.DataFrame({"zone": rng.choice(["a", "b", "c"], 60), "asked_at": asked})
        requests.index = rng.permutation(60)  # un índice cualquiera
        got = _joined(trial, requests, many, "sesenta peticiones desordenadas")
        expected = [_published(many, row.zone, row.asked_at) for row in requests.itertuples()]
        wrong = [i for i, pair in enumerate(zip(got, expected, strict=True)) if not _same(*pair)]
        same_values = sorted(map(str, got)) == sorted(map(str, expected))
        trial.require(
            not wrong,
            f"Con sesenta peticiones desordenadas, {len(wrong)} no coinciden.",
            "Los valores son los buenos y el orden no: devuélvelos en el orden en que llegaron las peticiones."
            if same_values
            else "Ordena las dos tablas antes de `merge_asof` y une también por zona.",
        )
    return (
        "Has usado la regla «se publica a las 06:00». Si un día se publica a las 09:00, tu unión miente un poco. ¿Qué "
        "columna habría que haber guardado?"
    )


def _joined(trial: Trial, requests: pd.DataFrame, daily: pd.DataFrame, shown: str) -> list[float]:
    # La misma unidad en las dos fechas: sin ella, merge_asof se niega, y ese no es el ejercicio.
    requests = requests.assign(asked_at=requests["asked_at"].astype("datetime64[ns]"))
    daily = daily.assign(day=daily["day"].astype("datetime64[ns]"))
    given = requests.copy(), daily.copy()
    got = trial.call(*given, shown=shown)
    trial.require(
        given[0].equals(requests) and given[1].equals(daily),
        f"Con {shown}, tu función cambia las tablas que recibe.",
        "Trabaja sobre copias: `assign` y `sort_values` ya las hacen.",
    )
    trial.require(
        isinstance(got, list | tuple | np.ndarray | pd.Series) and len(got) == len(requests),
        f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una lista de {len(requests)} números.",
        "Una media por petición, con `NaN` donde no había ninguna.",
    )
    values = list(got)
    for value in values:
        if isinstance(value, bool) or not isinstance(value, Real):
            trial.reject(f"Con {shown}, la lista contiene {type(value).__name__}.", "Devuelve números, o `NaN`.")
    return [float(value) for value in values]


def _published(daily: pd.DataFrame, zone: str, asked_at: pd.Timestamp) -> float:
    known = daily[(daily["zone"] == zone) & (daily["day"] + pd.Timedelta(hours=30) <= asked_at)]
    return nan if known.empty else float(known.sort_values("day")["mean"].iloc[-1])


def _same(a: float, b: float) -> bool:
    return a == b or (isnan(a) and isnan(b))


@exercise(
    "vinculacion-3",
    asks="Escribe `plan(ages, expected_error, fallback, budget)`: «modelo», «reserva» o «rechazo» por petición.",
    first_hint="Elige primero el camino de cada una por su cuenta; después, decide a cuántas puedes responder.",
)
def plan(trial: Trial) -> str:
    """Compara con el mejor plan posible: cuántas se responden, con qué error medio y por qué camino."""
    rng = np.random.default_rng(12)
    cases = [
        ([2, 2, 2], 30.0, 28.0, "tres datos frescos y un presupuesto holgado"),
        ([2, 2, 2, 2, None], 30.0, 24.0, "un dato que falta y un presupuesto que alcanza para todas"),
        ([2, 30, None], 30.0, 26.0, "un dato muy viejo y otro que falta"),
        ([None, None], 30.0, 28.0, "ningún dato"),
        ([10, 2], 30.0, 30.0, "un empate entre el modelo y la reserva"),
        ([], 30.0, 28.0, "ninguna petición"),
    ] + [
        ([None if rng.random() < 0.2 else int(rng.integers(1, 40)) for _ in range(12)], float(rng.uniform(24, 34)),
         float(rng.uniform(22, 31)), "doce peticiones al azar")
        for _ in range(30)
    ]  # fmt: skip
    for ages, fallback, budget, shown in cases:
        where = f"{shown} (edades {ages}, reserva {fallback:.1f}, presupuesto {budget:.1f}, error 20 + edad)"
        got = trial.call(list(ages), lambda age: 20.0 + age, fallback, budget, shown=shown)
        known = {"modelo", "reserva", "rechazo"}
        trial.require(
            isinstance(got, list | tuple) and len(got) == len(ages) and all(type(r) is str and r in known for r in got),
            f"Con {shown} se espera una lista de {len(ages)} textos: «modelo», «reserva» o «rechazo».",
            "Una respuesta por petición, en su orden.",
        )
        _compare_plans(trial, list(got), ages, fallback, budget, where)
    return (
        "El plan mira a todas las peticiones a la vez. Si llegan de una en una, ¿qué umbral le pondrías a cada una "
        "para acabar el día dentro del presupuesto?"
    )


def _compare_plans(trial: Trial, got: list, ages: list, fallback: float, budget: float, where: str) -> None:
    for route, age in zip(got, ages, strict=True):
        trial.require(
            route != "modelo" or age is not None,
            f"Con {where} respondes «modelo» donde falta el dato.",
            "Sin el dato, el modelo no puede responder: quedan la reserva y el rechazo.",
        )
        error = inf if age is None else 20.0 + age
        trial.require(
            route == "rechazo" or route == ("modelo" if error <= fallback else "reserva"),
            f"Con {where} respondes «{route}» con un dato de edad {age}.",
            "Por cada petición, el camino de menor error estimado; si empatan, «modelo».",
        )
    best = sorted(min(inf if age is None else 20.0 + age, fallback) for age in ages)
    fits = [n for n in range(len(best) + 1) if sum(best[:n]) <= budget * n]
    answered = [min(inf if a is None else 20.0 + a, fallback) for r, a in zip(got, ages, strict=True) if r != "rechazo"]
    trial.require(
        not answered or sum(answered) <= budget * len(answered) * (1 + 1e-9),
        f"Con {where}, el error medio de lo que respondes se pasa del presupuesto.",
        "El presupuesto es de la media de lo respondido: rechaza las peores hasta que quepa.",
    )
    trial.require(
        len(answered) == max(fits),
        f"Con {where} respondes a {len(answered)} y se puede responder a {max(fits)}.",
        "El presupuesto limita la media, no cada petición: una buena compensa a una mala. Acéptalas "
        "de menor a mayor error.",
    )
    trial.require(
        isclose(sum(answered), sum(best[: len(answered)])),
        f"Con {where} respondes al número justo de peticiones, pero no a las de menor error.",
        "Si hay que rechazar alguna, que sean las de mayor error, estén donde estén en la lista.",
    )


@exercise(
    "vinculacion-4",
    asks="Escribe `skewed_columns(batch, online, rows)`: las columnas que difieren por los dos caminos, ordenadas.",
    first_hint="Empieza por comparar dos diccionarios. ¿Qué pasa si las dos columnas valen `NaN`?",
)
def skewed_columns(trial: Trial) -> str:
    """Planta sesgos raros: en una sola fila, de redondeo, de columnas que faltan y de servicios que tocan la fila."""
    rows = [
        {"hour": h, "mwh": round(float(v), 3)}
        for h, v in zip(range(400), np.random.default_rng(6).uniform(300, 900, 400), strict=True)
    ]
    for name, (expected, hint) in _SKEWS.items():
        given = deepcopy(rows)

        def batch(received: list, name: str = name) -> list[dict]:
            return [_clean(row) | _noted(row, name, "batch") for row in received]

        def online(row: dict, name: str = name) -> dict:
            if "modifica" in name:
                row["mwh"] = -1.0  # lo que ve después quien reutilice la fila
                return _clean(row)
            return _clean(row) | _noted(row, name, "online")

        got = trial.call(batch, online, given, shown=name)
        trial.require(
            isinstance(got, list | tuple) and all(type(column) is str for column in got),
            f"Con {name}, tu función devuelve {type(got).__name__} y se espera una lista de nombres de columna.",
            "Devuelve `sorted(...)` de las columnas que difieren.",
        )
        trial.require(list(got) == expected, f"Con {name} das {list(got)} y es {expected}.", hint)
    return (
        "Cuatrocientas filas bastan para un sesgo que toca una de cada cien. ¿Y para uno que solo aparece el 29 de "
        "febrero? ¿Qué filas elegirías, además de las del azar?"
    )


_SKEWS = {
    "dos caminos iguales": ([], "Los dos caminos dan lo mismo: la lista debe quedar vacía."),
    "`NaN` en las dos columnas": ([], "`nan != nan` en Python, pero aquí los dos caminos dicen lo mismo."),
    "una media centrada en `week`": (["week"], "Compara el valor de cada columna en cada fila."),
    "una diferencia en una sola fila, la última": (["clock"], "Recorre todas las filas: las primeras no bastan."),
    "un redondeo de 1e-9 en `mwh`": (["mwh"], "Se piden predictores idénticos: sin tolerancia ni redondeos."),
    "`NaN` solo en servicio": (["week"], "Un `NaN` frente a un número sí es una diferencia."),
    "una columna que solo está en servicio": (["age"], "Mira también las columnas que solo tiene uno de los dos."),
    "una columna que solo está en entrenamiento": (["age"], "Mira también las columnas que solo tiene uno de los dos."),
    "dos columnas con sesgo": (
        ["clock", "week"],
        "Devuelve todas las que difieren, por orden alfabético y sin repetir.",
    ),
    "un servicio que modifica la fila": (
        ["mwh", "week"],
        "El servicio cambia la fila que recibe. Dale a cada camino su copia (`copy.deepcopy`), o los dos "
        "verán el cambio.",
    ),
}


def _clean(row: dict) -> dict:
    return {"clock": row["hour"] % 24, "week": row["mwh"] * 0.97, "mwh": row["mwh"]}


def _noted(row: dict, name: str, side: str) -> dict:
    """Lo que cada sesgo cambia, y en qué camino."""
    if name.startswith("`NaN` en las dos"):
        return {"week": nan}
    if side == "batch":
        return {"age": 2} if "solo está en entrenamiento" in name else {}
    if "una media centrada" in name:
        return {"week": row["mwh"] * 0.98}
    if "una sola fila" in name:
        return {"clock": 99} if row["hour"] == 399 else {}
    if "redondeo" in name:
        return {"mwh": row["mwh"] + 1e-9}
    if "`NaN` solo en servicio" in name:
        return {"week": nan}
    if "solo está en servicio" in name:
        return {"age": 2}
    if "dos columnas" in name:
        return {"week": 0.0} if row["hour"] % 2 else {"clock": -1}
    return {}
