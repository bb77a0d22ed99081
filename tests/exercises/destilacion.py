"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

import numpy as np
from scipy import special, stats


def _unit_rows(values):
    return values / values.sum(axis=1, keepdims=True)


def _forget_to_normalise(probabilities, temperature):
    return probabilities ** (1 / temperature)


def _normalise_columns(probabilities, temperature):
    power = probabilities ** (1 / temperature)
    return power / np.maximum(power.sum(axis=0), 1e-9)


def _epsilon_in_the_logarithm(probabilities, temperature):
    return special.softmax(np.log(probabilities + 1e-7) / temperature, axis=1)


def _soften_in_place(probabilities, temperature):
    probabilities **= 1 / temperature
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities


def _gradient(student, teacher, labels, temperature, alpha, factor, sign=1, swap=False, twice=False):
    target = np.eye(student.shape[1])[labels]
    weight = np.where(labels < 0, 0.0, 1 - alpha if swap else alpha)[:, np.newaxis]
    hard = special.softmax(student, axis=1) - target
    towards = special.softmax(teacher / temperature, axis=1)
    if twice:
        towards = special.softmax(towards, axis=1)
    soft = special.softmax(student / temperature, axis=1) - towards
    return sign * (weight * hard + (1 - weight) * factor * soft)


def _label_minus_one_is_the_last_class(student, teacher, labels, temperature, alpha):
    hard = special.softmax(student, axis=1) - np.eye(student.shape[1])[labels]
    soft = special.softmax(student / temperature, axis=1) - special.softmax(teacher / temperature, axis=1)
    return alpha * hard + (1 - alpha) * temperature * soft


def _soft_part_lighter_without_label(student, teacher, labels, temperature, alpha):
    known = (labels >= 0)[:, np.newaxis]
    hard = special.softmax(student, axis=1) - np.eye(student.shape[1])[labels]
    soft = special.softmax(student / temperature, axis=1) - special.softmax(teacher / temperature, axis=1)
    return alpha * known * hard + (1 - alpha) * temperature * soft


def _write_on_the_labels(student, teacher, labels, temperature, alpha):
    result = _gradient(student, teacher, labels.copy(), temperature, alpha, temperature)
    labels[labels < 0] = 0
    labels += 1
    return result


def _decide(low, high, margin):
    if low > margin:
        return "compensa"
    if high < -margin:
        return "perjudica"
    return "da igual" if -margin < low and high < margin else "no se sabe"


def _with_the_normal(alone, distilled, margin):
    difference = distilled - alone
    half = 1.96 * stats.sem(difference)
    return _decide(difference.mean() - half, difference.mean() + half, margin)


def _unpaired(alone, distilled, margin):
    interval = stats.ttest_ind(distilled, alone, equal_var=False).confidence_interval(0.95)
    return _decide(interval.low, interval.high, margin)


def _p_value(alone, distilled, margin):
    test = stats.ttest_rel(distilled, alone)
    if test.pvalue > 0.05:
        return "da igual"
    return "compensa" if test.statistic > 0 else "perjudica"


def _against_zero(alone, distilled, margin):
    interval = stats.ttest_rel(distilled, alone).confidence_interval(0.95)
    if interval.low > 0:
        return "compensa"
    if interval.high < 0:
        return "perjudica"
    return _decide(interval.low, interval.high, margin)


def _by_the_mean(alone, distilled, margin):
    mean = float((distilled - alone).mean())
    return _decide(mean, mean, margin)


def _plan(rows, target, label_cost, teacher_cost, teacher_labels, strict=False, best=False, alone_only=False):
    plans = []
    for row in rows:
        n = row["labels"]
        plans.append((n * label_cost, row["alone"], "solo", n))
        if not alone_only:
            paid = max(n, teacher_labels)
            plans.append((paid * label_cost + teacher_cost, row["distilled"], "destilado", n))
    reach = [plan for plan in plans if (plan[1] > target if strict else plan[1] >= target)]
    if not reach:
        return "ninguno", 0
    return min(reach, key=lambda p: (-p[1], p[0]) if best else (p[0], -p[1]))[2:]


def _forget_the_teachers_labels(rows, target, label_cost, teacher_cost, teacher_labels):
    return _plan(rows, target, label_cost, teacher_cost, 0)


def _forget_the_teachers_price(rows, target, label_cost, teacher_cost, teacher_labels):
    return _plan(rows, target, label_cost, 0.0, teacher_labels)


def _first_row_that_reaches(rows, target, label_cost, teacher_cost, teacher_labels):
    for row in rows:
        for name, key in (("solo", "alone"), ("destilado", "distilled")):
            if row[key] >= target:
                return name, row["labels"]
    return "ninguno", 0


def _look_only_at_the_distilled_column(rows, target, label_cost, teacher_cost, teacher_labels):
    reach = sorted(row["labels"] for row in rows if row["distilled"] >= target)
    return ("solo", reach[0]) if reach else ("ninguno", 0)


MISTAKES = {
    "destilar-1": [
        ("el resultado visible del enunciado", lambda p, t: np.array([[0.70, 0.22, 0.08]]), "se espera un array"),
        (
            "softmax de lo que ya son probabilidades",
            lambda p, t: special.softmax(p / t, axis=1),
            "ya son probabilidades",
        ),
        ("dividir y volver a normalizar", lambda p, t: _unit_rows(p / t), "lo mismo que recibes"),
        ("la potencia al revés", lambda p, t: _unit_rows(p**t), "Va al revés"),
        ("sin normalizar", _forget_to_normalise, "deben sumar 1"),
        ("normalizar por columnas", _normalise_columns, "deben sumar 1"),
        ("un épsilon en el logaritmo", _epsilon_in_the_logarithm, "sigue siendo 0"),
        ("escribir sobre los datos", _soften_in_place, "cambia los datos"),
    ],
    "destilar-2": [
        (
            "lo visible: maestro y estudiante iguales dan ceros",
            lambda s, t, y, *_: np.zeros_like(s),
            "el gradiente de un",
        ),
        ("sin factor", lambda s, t, y, temp, a: _gradient(s, t, y, temp, a, 1), "no lleva ningún factor"),
        ("con T²", lambda s, t, y, temp, a: _gradient(s, t, y, temp, a, temp**2), "lleva T²"),
        ("con 1/T", lambda s, t, y, temp, a: _gradient(s, t, y, temp, a, 1 / temp), "lleva 1/T"),
        (
            "el signo del optimizador",
            lambda s, t, y, temp, a: _gradient(s, t, y, temp, a, temp, -1),
            "el signo cambiado",
        ),
        ("α al revés", lambda s, t, y, temp, a: _gradient(s, t, y, temp, a, temp, swap=True), "intercambiado"),
        (
            "softmax dos veces",
            lambda s, t, y, temp, a: _gradient(s, t, y, temp, a, temp, twice=True),
            "Suma dos gradientes",
        ),
        (
            "promediar entre imágenes",
            lambda s, t, y, temp, a: _gradient(s, t, y, temp, a, temp) / len(s),
            "No promedies",
        ),
        ("−1 como última clase", _label_minus_one_is_the_last_class, "sin etiqueta"),
        ("sin etiqueta, la parte blanda pesa menos", _soft_part_lighter_without_label, "sin etiqueta"),
        ("escribir sobre las etiquetas", _write_on_the_labels, "cambia los datos"),
    ],
    "destilar-3": [
        ("el resultado visible: siempre compensa", lambda *_: "compensa", "respondes «compensa»"),
        ("1.96 con pocas semillas", _with_the_normal, "t de Student"),
        ("sin emparejar", _unpaired, "Resta semilla a semilla"),
        ("p > 0.05 como prueba", _p_value, "no es demostrar que son iguales"),
        ("comparar con cero y no con el margen", _against_zero, "ha de pasar del margen"),
        ("decidir con la media", _by_the_mean, "Decides con la media"),
        ("otra palabra", lambda *_: "igual", "una de estas cuatro"),
    ],
    "destilar-4": [
        ("el resultado visible del enunciado", lambda *_: ("destilado", 20), "un maestro carísimo"),
        ("olvidar las etiquetas del maestro", _forget_the_teachers_labels, "`max(labels, teacher_labels)`"),
        ("olvidar lo que cuesta el maestro", _forget_the_teachers_price, "Falta `teacher_cost`"),
        ("quedarse con la primera fila", _first_row_that_reaches, "un maestro carísimo"),
        ("el que más acierta", lambda *a: _plan(*a, best=True), "otro más barato"),
        ("objetivo estricto", lambda *a: _plan(*a, strict=True), "justo"),
        ("no contar con el maestro", lambda *a: _plan(*a, alone_only=True), "respondes"),
        ("la columna equivocada", _look_only_at_the_distilled_column, "no llega al objetivo"),
        ("una lista en lugar de un par", lambda *a: list(_plan(*a)), "se espera un par"),
    ],
}
