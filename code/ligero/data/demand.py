"""Demanda eléctrica y temperatura de tres zonas, hora a hora, con el instante en que se supo cada dato."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from ligero import _validate

#: Zona → (MWh de base, °C de media, °C de diferencia entre invierno y verano).
_CLIMATE = {"norte": (620.0, 12.0, 10.0), "centro": (900.0, 14.5, 19.0), "sur": (480.0, 18.0, 16.0)}
#: Las zonas que hay; cualquier otra es una categoría desconocida.
ZONES = tuple(_CLIMATE)
#: Festivos fijos, como (mes, día).
HOLIDAYS = ((1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25))
_DAILY = np.array([78, 73, 70, 69, 70, 75, 85, 96, 103, 106, 107, 107, 106, 105, 103, 102, 102, 104, 108, 113, 115, 111,
                   101, 89]) / 100  # fmt: skip
_REVISION = pd.Timedelta(days=10)


@dataclass(frozen=True)
class Readings:
    """Lo que publica cada fuente, en tablas iguales, ordenadas por `available_at`.

    Las columnas son `zone`, `hour` (la hora a la que se refiere el dato, UTC), `value` y `available_at` (cuándo se
    publicó). Una misma hora puede tener varias versiones, con distinto `available_at`.

    Attributes:
        demand: Contador, en MWh: una lectura provisional, a las dos horas o bastante más tarde si la comunicación
            falla, y la definitiva a los diez días.
        observed: Termómetro, en °C, publicado una hora después.
        forecast: Previsión de temperatura, en °C: cada día a las 08:00 se publica la de las 48 horas que empiezan a
            las 06:00, así que cada hora tiene dos.
    """

    demand: pd.DataFrame
    observed: pd.DataFrame
    forecast: pd.DataFrame


def demand(years: int = 3, seed: int = 0) -> Readings:
    """Genera la demanda y la temperatura de las zonas de `ZONES` desde el 1 de enero de 2021.

    El proceso: la temperatura suma estaciones, un ciclo diario y un ruido que dura días. La demanda parte de un perfil
    por hora, con menos en fin de semana y festivo; le suma calefacción por debajo de 15 °C, refrigeración por encima
    de 23 y un ruido que dura unas horas; y todo crece un 2 % al año. El error de la previsión crece con el plazo, y la
    lectura provisional se aparta de la definitiva un 1.5 % (desviación típica).

    Args:
        years: Años de datos, de 1 a 10.
        seed: Semilla.

    Returns:
        `Readings`; `observed` tiene 8 760 filas por zona y año (8 784 los bisiestos), y las otras, unas el doble.

    Raises:
        TypeError: Si `years` o `seed` no son enteros.
        ValueError: Si `years` no está entre 1 y 10, o `seed` es negativa.

    Example:
        >>> readings = demand(years=1)
        >>> readings.demand.columns.tolist(), len(readings.observed)
        (['zone', 'hour', 'value', 'available_at'], 26280)
    """
    if _validate.positive_int(years, "years") > 10:
        raise ValueError(f"`years` debe estar entre 1 y 10; has pasado {years}.")
    rng = np.random.default_rng(_validate.seed(seed))
    hours = pd.date_range("2021-01-01", f"{2021 + years}-01-01", freq="h", inclusive="left", unit="ns")
    tables: dict[str, list[pd.DataFrame]] = {"demand": [], "observed": [], "forecast": []}
    for zone, (base, mean, swing) in _CLIMATE.items():
        celsius = _temperature(hours, mean, swing, rng)
        mwh = _load(hours, celsius, base, rng)
        delay = np.where(rng.random(len(hours)) < 0.03, rng.integers(6, 30, len(hours)), 2)
        first = mwh * (1 + 0.015 * rng.standard_normal(len(hours)))
        tables["demand"] += [
            _table(zone, hours, first, hours + pd.to_timedelta(delay, unit="h")),
            _table(zone, hours, mwh, hours + _REVISION),
        ]
        tables["observed"].append(_table(zone, hours, celsius, hours + pd.Timedelta(hours=1)))
        tables["forecast"] += [_forecast(zone, hours, celsius, day, rng) for day in (0, 1)]
    return Readings(**{name: _ordered(parts) for name, parts in tables.items()})


def _temperature(hours: pd.DatetimeIndex, mean: float, swing: float, rng: np.random.Generator) -> np.ndarray:
    season = -np.cos(2 * np.pi * (hours.day_of_year - 20) / 365.25) * swing / 2
    day = -np.cos(2 * np.pi * (hours.hour - 3) / 24) * 4
    return np.round(mean + season + day + _persistent(len(hours), 0.985, 3.0, rng), 1)


def _load(hours: pd.DatetimeIndex, celsius: np.ndarray, base: float, rng: np.random.Generator) -> np.ndarray:
    rest = (hours.day_of_week == 6) | pd.Index(zip(hours.month, hours.day, strict=True)).isin(HOLIDAYS)
    calendar = np.where(rest, 0.84, np.where(hours.day_of_week == 5, 0.91, 1.0)) * _DAILY[hours.hour]
    growth = 1.02 ** ((hours - hours[0]) / pd.Timedelta(days=365))
    weather = 0.016 * np.maximum(15 - celsius, 0) + 0.024 * np.maximum(celsius - 23, 0)
    return np.round(base * growth * (calendar + weather + _persistent(len(hours), 0.95, 0.035, rng)), 2)


def _forecast(
    zone: str, hours: pd.DatetimeIndex, celsius: np.ndarray, day: int, rng: np.random.Generator
) -> pd.DataFrame:
    """La previsión que se publica `day` días antes de la última que alcanza a cada hora."""
    run = (hours - pd.Timedelta(hours=6)).floor("D") + pd.Timedelta(hours=6 - 24 * day)
    lead = (hours - run) / pd.Timedelta(hours=1)
    error = _persistent(len(hours), 0.9, 1.0, rng) * (0.4 + 0.05 * lead)
    return _table(zone, hours, np.round(celsius + error, 1), run + pd.Timedelta(hours=2))


def _persistent(n: int, memory: float, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Ruido autorregresivo de desviación típica `spread`; de una hora a la siguiente conserva `memory`."""
    return lfilter([1], [1, -memory], rng.standard_normal(n)) * spread * np.sqrt(1 - memory**2)


def _table(zone: str, hours: pd.DatetimeIndex, value: np.ndarray, available_at: pd.DatetimeIndex) -> pd.DataFrame:
    columns = {"zone": zone, "hour": hours, "value": np.asarray(value, float), "available_at": available_at}
    return pd.DataFrame(columns)


def _ordered(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts).sort_values(["available_at", "zone", "hour"], kind="stable", ignore_index=True)
