"""Clientes de una compañía de telefonía inventada: números, categorías y huecos."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ligero import _validate

_CONTRACTS = ("mensual", "anual", "bienal")
_PAYMENTS = ("tarjeta", "domiciliación", "transferencia")


@dataclass(frozen=True)
class Customers:
    """Clientes repartidos: `x_*`, un `DataFrame` como dice `customers`; `y_*`, `int64`, 1 si se dio de baja."""

    x_train: pd.DataFrame
    y_train: np.ndarray
    x_test: pd.DataFrame
    y_test: np.ndarray


def customers(n: int = 4000, seed: int = 0) -> Customers:
    """Dibuja clientes al azar; los primeros tres cuartos entrenan y el resto prueba.

    Columnas: `edad` (años, `float64`, con huecos), `antiguedad` (meses enteros, sin huecos), `cuota` (euros al mes),
    `llamadas` a soporte del último trimestre (`float64`: un entero no admite huecos), `contrato` (mensual, anual o
    bienal) y `pago` (tarjeta, domiciliación o transferencia, con huecos). Faltan más llamadas cuanto más antiguo es
    el cliente, como cuando una empresa empieza tarde a apuntarlas.

    Args:
        n: Clientes, 100 o más.
        seed: Semilla.

    Returns:
        `Customers`; las mismas filas para la misma semilla.

    Raises:
        TypeError: Si `n` o `seed` no son enteros.
        ValueError: Si `n` es menor que 100 o `seed` es negativa.

    Example:
        >>> people = customers()
        >>> people.x_train.shape, people.x_test.isna().any().sum().item()
        ((3000, 6), 3)
    """
    if _validate.positive_int(n, "n") < 100:
        raise ValueError(f"`n` debe ser 100 o más, para que haya bajas en los dos grupos; has pasado {n}.")
    rng = np.random.default_rng(_validate.seed(seed))
    age = np.clip(rng.normal(45, 15, n), 18, 90).round()
    tenure = rng.gamma(2.0, 15.0, n).astype(np.int64)
    fee = np.clip(rng.normal(38, 12, n), 9.9, 90).round(2)
    calls = rng.poisson(1.5, n).astype(float)
    contract = rng.choice(3, n, p=(0.5, 0.3, 0.2))
    payment = rng.choice(3, n, p=(0.45, 0.4, 0.15))
    logit = (
        np.array([1.3, -0.6, -2.2])[contract]
        + np.array([0.0, -0.4, 0.7])[payment]
        + 0.55 * (calls - 1.5)
        - 0.035 * (tenure - 30)
        + 0.045 * (fee - 38)
        - 0.015 * (age - 45)
        - 0.8
    )
    churned = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    age[rng.random(n) < 0.12] = np.nan
    calls[rng.random(n) < np.clip(tenure / 200, 0.02, 0.5)] = np.nan
    pays = np.array(_PAYMENTS, dtype=object)[payment]
    pays[rng.random(n) < 0.06] = np.nan
    x = pd.DataFrame(
        {
            "edad": age,
            "antiguedad": tenure,
            "cuota": fee,
            "llamadas": calls,
            "contrato": np.array(_CONTRACTS, dtype=object)[contract],
            "pago": pays,
        }
    )
    cut = 3 * n // 4
    return Customers(x[:cut], churned[:cut], x[cut:].reset_index(drop=True), churned[cut:])
