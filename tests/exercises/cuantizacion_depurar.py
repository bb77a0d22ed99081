"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

from itertools import combinations

import numpy as np


def _error(real, codes, scale, zero_point):
    return (codes.astype(np.float64) - zero_point) * scale - real


def _rmse(error):
    return float(np.sqrt(np.mean(error**2)))


def _overflow(real, codes, scale, zero_point):
    return _rmse((codes - np.int8(zero_point)) * scale - real) / scale


def _spoil_the_input(real, codes, scale, zero_point):
    value = _rmse(_error(real, codes, scale, zero_point)) / scale
    real *= 0
    return value


def _one_scale(kernel, axis):
    scale = np.abs(kernel).max() / 127
    return np.round(kernel / scale) * scale


def _with_scale(kernel, axes, safe=True):
    scale = np.abs(kernel).max(axis=axes, keepdims=True) / 127
    with np.errstate(all="ignore"):
        return np.round(kernel / (np.where(scale > 0, scale, 1) if safe else scale)) * scale


def _others(kernel, axis):
    return tuple(i for i in range(kernel.ndim) if i != axis % kernel.ndim)


def _codes(kernel, axis):
    scale = np.abs(kernel).max(axis=_others(kernel, axis), keepdims=True) / 127
    return np.round(kernel / np.where(scale > 0, scale, 1)).astype(np.int8)


def _in_place(kernel, axis):
    answer = _with_scale(kernel, _others(kernel, axis))
    kernel[:] = answer
    return answer


def _factor(w1, w2):
    r1, r2 = np.abs(w1).max(axis=0), np.abs(w2).max(axis=1)
    alive = (r1 > 0) & (r2 > 0)
    return np.where(alive, np.sqrt(np.where(alive, r1, 1) / np.where(alive, r2, 1)), 1)


def _forget_bias(w1, b1, w2):
    s = _factor(w1, w2)
    return w1 / s, b1.copy(), w2 * s[:, None]


def _multiply_bias(w1, b1, w2):
    s = _factor(w1, w2)
    return w1 / s, b1 * s, w2 * s[:, None]


def _without_root(w1, b1, w2):
    s = _factor(w1, w2) ** 2
    return w1 / s, b1 / s, w2 * s[:, None]


def _only_first(w1, b1, w2):
    s = _factor(w1, w2)
    return w1 / s, b1 / s, w2.copy()


def _dead_channels(w1, b1, w2):
    with np.errstate(all="ignore"):
        s = np.sqrt(np.abs(w1).max(axis=0) / np.abs(w2).max(axis=1))
        return w1 / s, b1 / s, w2 * s[:, None]


def _small_number(w1, b1, w2):
    s = np.sqrt((np.abs(w1).max(axis=0) + 1e-12) / (np.abs(w2).max(axis=1) + 1e-12))
    return w1 / s, b1 / s, w2 * s[:, None]


def _without_abs(w1, b1, w2):
    s = np.sqrt(np.maximum(w1.max(axis=0), 1e-3) / np.maximum(w2.max(axis=1), 1e-3))
    return w1 / s, b1 / s, w2 * s[:, None]


def _equalize_in_place(w1, b1, w2):
    s = _factor(w1, w2)
    w1 /= s
    b1 /= s
    w2 *= s[:, None]
    return w1, b1, w2


def _sets(costs, start=0):
    return [set(c) for n in range(start, len(costs) + 1) for c in combinations(costs, n)]


def _price(costs):
    return lambda chosen: sum(costs[name] for name in chosen)


def _best_alone(costs, loss, max_loss):
    return {min(costs, key=lambda name: loss({name}))}


def _add_up(costs, loss, max_loss):
    start, chosen, recovered = loss(set()), set(), 0.0
    for name in sorted(costs, key=lambda name: loss({name})):
        if start - recovered <= max_loss:
            break
        recovered += start - loss({name})
        chosen.add(name)
    return chosen


def _fewest(costs, loss, max_loss):
    return next(chosen for chosen in _sets(costs) if loss(chosen) <= max_loss)


def _strict(costs, loss, max_loss):
    return next(chosen for chosen in sorted(_sets(costs), key=_price(costs)) if loss(chosen) < max_loss)


def _never_empty(costs, loss, max_loss):
    return next(chosen for chosen in sorted(_sets(costs, 1), key=_price(costs)) if loss(chosen) <= max_loss)


def _pairs_at_most(costs, loss, max_loss):
    small = [chosen for chosen in _sets(costs) if len(chosen) <= 2]
    return min((chosen for chosen in small), key=lambda chosen: (loss(chosen) > max_loss, _price(costs)(chosen)))


def _empty_the_costs(costs, loss, max_loss):
    chosen = next(c for c in sorted(_sets(costs), key=_price(costs)) if loss(c) <= max_loss)
    costs.clear()
    return chosen


MISTAKES = {
    "depurar-1": [
        ("el resultado visible del enunciado", lambda *_: 0.527, "una activación centrada"),
        ("restar en 8 bits", _overflow, "se desborda"),
        ("el RMSE sin dividir", lambda r, c, s, z: _rmse(_error(r, c, s, z)), "unidades de la escala"),
        ("sin la raíz", lambda r, c, s, z: float(np.mean(_error(r, c, s, z) ** 2)) / s, "Falta la raíz"),
        ("error absoluto medio", lambda r, c, s, z: float(np.abs(_error(r, c, s, z)).mean()) / s, "absoluto medio"),
        ("desviación típica", lambda r, c, s, z: float(np.std(_error(r, c, s, z))) / s, "quita la media"),
        ("un valor por elemento", lambda r, c, s, z: np.abs(_error(r, c, s, z)) / s, "se espera un número"),
        ("estropear los datos", _spoil_the_input, "cambia los datos"),
    ],
    "depurar-2": [
        ("la función visible del enunciado", _one_scale, "comparten escala"),
        ("máximo a lo largo del eje de los canales", lambda k, a: _with_scale(k, a), "los demás"),
        ("siempre el último eje", lambda k, a: _with_scale(k, _others(k, -1)), "siempre el último eje"),
        ("dividir entre cero", lambda k, a: _with_scale(k, _others(k, a), safe=False), "canal de ceros"),
        ("devolver los códigos", _codes, "se esperan reales"),
        ("no redondear", lambda k, a: k.copy(), "sin redondear"),
        ("sin keepdims", lambda k, a: k / np.abs(k).max(axis=_others(k, a)), "Con una convolución"),
        ("cambiar los pesos recibidos", _in_place, "cambia los pesos"),
    ],
    "depurar-3": [
        ("lo visible: devolver lo recibido", lambda w1, b1, w2: (w1.copy(), b1.copy(), w2.copy()), "en el canal"),
        ("olvidar el sesgo", _forget_bias, "Falla el sesgo"),
        ("multiplicar el sesgo", _multiply_bias, "Falla el sesgo"),
        ("sin la raíz cuadrada", _without_root, "Despeja s"),
        ("cambiar solo la primera capa", _only_first, "la salida ya no es la misma"),
        ("dividir entre el rango de un canal muerto", _dead_channels, "salen NaN o infinitos"),
        ("sumar un número pequeño", _small_number, "está muerto"),
        ("rangos sin valor absoluto", _without_abs, "valor absoluto"),
        ("cambiar los datos recibidos", _equalize_in_place, "cambia los datos"),
        ("solo dos matrices", lambda w1, b1, w2: (w1, w2), "las tres matrices"),
    ],
    "depurar-4": [
        ("el resultado visible del enunciado", lambda *_: {"dw2"}, "no está en `costs`"),
        ("la mejor por sí sola", _best_alone, "aún pierde"),
        ("sumar lo que recupera cada una", _add_up, "Con una pareja"),
        ("todas", lambda costs, loss, max_loss: set(costs), "hay un conjunto que vale"),
        ("el de menos capas", _fewest, "no el de menos capas"),
        ("no admitir el límite", _strict, "se admite"),
        ("no probar el conjunto vacío", _never_empty, "el conjunto vacío"),
        ("parejas como mucho", _pairs_at_most, "siete capas"),
        ("vaciar el diccionario", _empty_the_costs, "cambia `costs`"),
        ("un nombre suelto", lambda costs, loss, max_loss: "dw", "se espera un conjunto"),
    ],
}
