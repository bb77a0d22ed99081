"""Del requisito de negocio al presupuesto del modelo: milisegundos, bytes y euros por millón de inferencias."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import inf, isfinite
from numbers import Real

_HOUR_MS = 3.6e6


@dataclass(frozen=True)
class Budget:
    """Lo que puede costar un modelo.

    Attributes:
        latency_ms: Mediana que puede durar una inferencia, en milisegundos.
        size_bytes: Bytes que puede ocupar el fichero, o `None` si nada lo limita.
        euros_per_million: Euros que cuesta un millón de inferencias de esa latencia, o `None` si no se paga por hora.
        binding: El requisito que fija la latencia: «plazo», «coste» o «batería».
        limits: Latencia que permite cada requisito por separado, en milisegundos.
    """

    latency_ms: float
    size_bytes: int | None
    euros_per_million: float | None
    binding: str
    limits: Mapping[str, float]


def euros_per_million(latency_ms: float, euros_per_hour: float, utilization: float = 0.5) -> float:
    """Lo que cuesta un millón de inferencias en un núcleo alquilado por horas.

    Args:
        latency_ms: Milisegundos de núcleo por inferencia.
        euros_per_hour: Precio del núcleo.
        utilization: Parte del tiempo en que el núcleo trabaja, en (0, 1]; el resto espera, y también se paga.

    Returns:
        Euros.

    Raises:
        TypeError: Si algún argumento no es un número.
        ValueError: Si alguno no es positivo, o `utilization` pasa de 1.

    Example:
        >>> round(euros_per_million(10, 0.04, utilization=0.5), 3)
        0.222
    """
    latency_ms, euros_per_hour = _positive(latency_ms, "latency_ms"), _positive(euros_per_hour, "euros_per_hour")
    return latency_ms * 1e6 / _HOUR_MS * euros_per_hour / _fraction(utilization, "utilization")


def budget(
    *,
    deadline_ms: float | None = None,
    other_ms: float = 0.0,
    tail: float = 1.0,
    max_euros_per_million: float | None = None,
    euros_per_hour: float | None = None,
    utilization: float = 0.5,
    battery_wh: float | None = None,
    battery_share: float = 0.01,
    watts: float | None = None,
    inferences_per_charge: float | None = None,
    download_s: float | None = None,
    megabits_per_second: float | None = None,
) -> Budget:
    """Traduce los requisitos de un producto a lo que puede costar su modelo.

    Cada requisito da una latencia, y manda la menor. Los que no se indican no limitan.

    Args:
        deadline_ms: Plazo de la respuesta completa, en milisegundos.
        other_ms: Lo que tarda todo lo que no es el modelo: red, decodificar, dibujar.
        tail: Veces que el p99 supera a la mediana; con 1.5, la mediana debe dejar un tercio libre.
        max_euros_per_million: Euros que se pueden pagar por un millón de inferencias.
        euros_per_hour: Precio de un núcleo.
        utilization: Parte del tiempo en que ese núcleo trabaja, en (0, 1].
        battery_wh: Energía de la batería, en vatios hora.
        battery_share: Parte de una carga que puede gastar el modelo, en (0, 1].
        watts: Potencia que añade el procesador mientras calcula.
        inferences_per_charge: Inferencias entre carga y carga.
        download_s: Segundos que puede durar la descarga del modelo.
        megabits_per_second: Velocidad de la conexión.

    Returns:
        `Budget`.

    Raises:
        TypeError: Si algún argumento no es un número.
        ValueError: Si ninguno limita la latencia, falta la mitad de un requisito, algún valor está fuera de su rango o
            el plazo se agota antes de llegar al modelo.

    Example:
        >>> keyboard = budget(deadline_ms=100, other_ms=40, tail=1.5, download_s=8, megabits_per_second=10)
        >>> keyboard.latency_ms, keyboard.size_bytes, keyboard.binding
        (40.0, 10000000, 'plazo')
    """
    limits = {}
    if deadline_ms is not None:
        left = _positive(deadline_ms, "deadline_ms") - _number(other_ms, "other_ms", low=0)
        if left <= 0:
            raise ValueError(
                f"Lo demás ya tarda {other_ms:g} ms y el plazo es de {deadline_ms:g}: para el modelo no queda nada. "
                "Alarga el plazo o acorta lo demás."
            )
        limits["plazo"] = left / _number(tail, "tail", low=1)
    if _complete("coste", max_euros_per_million=max_euros_per_million, euros_per_hour=euros_per_hour):
        limits["coste"] = _positive(max_euros_per_million, "max_euros_per_million") / euros_per_million(
            1.0, euros_per_hour, utilization
        )
    if _complete("batería", battery_wh=battery_wh, watts=watts, inferences_per_charge=inferences_per_charge):
        available_wh = _positive(battery_wh, "battery_wh") * _fraction(battery_share, "battery_share")
        hours = available_wh / _positive(watts, "watts")
        limits["batería"] = hours * _HOUR_MS / _positive(inferences_per_charge, "inferences_per_charge")
    if not limits:
        raise ValueError(
            "Ningún requisito limita la latencia: indica un plazo (`deadline_ms`), un coste (`max_euros_per_million` y "
            "`euros_per_hour`) o una batería (`battery_wh`, `watts` e `inferences_per_charge`)."
        )
    size = None
    if _complete("descarga", download_s=download_s, megabits_per_second=megabits_per_second):
        size = int(
            _positive(download_s, "download_s") * _positive(megabits_per_second, "megabits_per_second") * 1e6 / 8
        )
    binding = min(limits, key=limits.get)
    euros = None if euros_per_hour is None else euros_per_million(limits[binding], euros_per_hour, utilization)
    return Budget(limits[binding], size, euros, binding, limits)


def _complete(requirement: str, **arguments: float | None) -> bool:
    """Dice si el requisito está entero; a medias, explica qué falta."""
    missing = [name for name, value in arguments.items() if value is None]
    given = len(arguments) - len(missing)
    # El precio por hora también sirve solo: para saber lo que cuesta, sin limitarlo.
    if missing and given and not (requirement == "coste" and missing == ["max_euros_per_million"]):
        raise ValueError(f"Al requisito de {requirement} le falta {', '.join(f'`{name}`' for name in missing)}.")
    return not missing


def _number(value: object, name: str, *, low: float, positive: bool = False, most: float = inf) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"`{name}` debe ser un número; has pasado un {type(value).__name__}.")
    if not isfinite(value) or value < low or value > most or (positive and value == 0):
        wanted = "mayor que cero" if positive else f"{low:g} o más"
        wanted += "" if most == inf else f" y {most:g} o menos, porque es una parte de uno"
        raise ValueError(f"`{name}` debe ser {wanted}; has pasado {value}.")
    return float(value)


_positive = partial(_number, low=0, positive=True)
_fraction = partial(_number, low=0, positive=True, most=1)
