"""Equivocaciones plausibles en los ejercicios de `decidir/proyecto`, con lo que debe decir la respuesta."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from scipy import stats


def _review(content, *, size=True, shape=True, outputs=True, damaged=True, budget=20_000, only_count=False):
    if content[4:8] != b"TFL3":
        return ["fichero"]
    try:
        runner = Interpreter(model_content=content)
    except ValueError:
        return ["fichero"] if damaged else []
    inputs, ends = runner.get_input_details(), runner.get_output_details()
    bad_input = len(inputs) != 1 or (shape and list(inputs[0]["shape"]) != [1, 48, 48, 3])
    bad_output = len(ends) != 1 or (not only_count and int(np.prod(ends[0]["shape"])) not in (1, 2))
    return (
        ["tamaño"] * (size and len(content) > budget) + ["entrada"] * bad_input + ["salida"] * (outputs and bad_output)
    )


def _size_first(content):
    return ["tamaño"] * (len(content) > 20_000) + [x for x in _review(content) if x != "tamaño"]


def _two_values_only(content):
    found = _review(content)
    if (
        found in ([], ["tamaño"])
        and int(np.prod(Interpreter(model_content=content).get_output_details()[0]["shape"])) == 1
    ):
        found.append("salida")
    return found


def _only_the_first(content):
    return _review(content)[:1]


def _interval(public, fresh, scale=100, paired=False):
    a, b = public.mean(), fresh.mean()
    if paired:
        error = (public[: len(fresh)] ^ fresh[: len(public)]).std() / np.sqrt(min(len(public), len(fresh)))
    else:
        error = np.sqrt(a * (1 - a) / len(public) + b * (1 - b) / len(fresh))
    return scale * (a - b - 1.96 * error)


def _wilson(hits):
    interval = stats.binomtest(int(hits.sum()), len(hits)).proportion_ci(0.95, method="wilson")
    return 100 * interval.low, 100 * interval.high


def _spoils(public, fresh, margin):
    result = bool(_interval(public, fresh) > margin)
    public[:] = False
    return result


def _best(accuracy, images, tries):
    return float((1 - stats.binom.cdf(np.arange(images), images, accuracy) ** tries).sum() / images)


def _simulate_few(accuracy, images, tries):
    return float(np.random.default_rng(0).binomial(images, accuracy, tries).max() / images)


def _answers(make, photos, order):
    model, found = make(), np.zeros(len(photos), int)
    for i in order:
        found[i] = model(photos[i])
    return found


def _same_order(make, photos):
    order = range(len(photos))
    return bool((_answers(make, photos, order) != _answers(make, photos, order)).any())


def _reverse(make, photos):
    forward = range(len(photos))
    return bool((_answers(make, photos, forward) != _answers(make, photos, forward[::-1])).any())


def _means(make, photos):
    forward = range(len(photos))
    return bool(_answers(make, photos, forward).mean() != _answers(make, photos, forward[::-1]).mean())


def _first_five(make, photos):
    forward = range(len(photos))
    return bool((_answers(make, photos, forward)[:5] != _answers(make, photos, forward[::-1])[:5]).any())


def _constant_is_a_cheat(make, photos):
    return _reverse(make, photos) or bool(np.ptp(_answers(make, photos, range(len(photos)))) == 0)


def _sorts_in_place(make, photos):
    result = _reverse(make, photos)
    photos[:] = photos[::-1]
    return result


MISTAKES = {
    "proyecto-1": [
        ("lo visible: la lista vacía del ejemplo", lambda content: [], "una página web"),
        (
            "sin recoger el error de un modelo cortado",
            lambda c: _review(c, damaged=False),
            "Interpreter` da un `ValueError",
        ),
        ("el tamaño antes que el formato", _size_first, "Si no es un modelo, el tamaño da igual"),
        ("sin mirar la forma de la entrada", lambda c: _review(c, shape=False), "una red en grises"),
        ("contar salidas y no valores", lambda c: _review(c, only_count=True), "mil clases"),
        ("rechazar la salida de un valor", _two_values_only, "dos valores o de uno"),
        ("parar en lo primero que falla", _only_the_first, "apúntalas todas"),
        ("kibibytes", lambda c: _review(c, budget=20 * 1024), "no 20 kibibytes"),
        ("devolver un texto", lambda c: ", ".join(_review(c)), "se espera una lista"),
    ],
    "proyecto-2": [
        ("lo visible: el ejemplo del enunciado", lambda p, f, m: True, "270 aciertos de 300"),
        ("comparar las exactitudes medidas", lambda p, f, m: bool(100 * (p.mean() - f.mean()) > m), "Mira su cota"),
        ("en fracciones y no en puntos", lambda p, f, m: bool(_interval(p, f, scale=1) > m), "¿En qué unidades va?"),
        ("que los intervalos no se toquen", lambda p, f, m: bool(_wilson(p)[0] > _wilson(f)[1] + m), "se toquen"),
        ("sin signo", lambda p, f, m: bool(max(_interval(p, f), _interval(f, p)) > m), "acierta más en las nuevas"),
        ("olvidar el margen", lambda p, f, m: bool(_interval(p, f) > 0), "margen"),
        ("emparejar fotos distintas", lambda p, f, m: bool(np.mean(p ^ f) > m / 100), "ValueError"),
        ("estropear lo recibido", _spoils, "cambia los aciertos"),
        ("devolver la cota", lambda p, f, m: _interval(p, f), "se espera `True` o `False`"),
    ],
    "proyecto-3": [
        ("lo visible: el número del ejemplo", lambda a, n, t: 0.9242, "exactitud 0.9, 100 fotos y 1 intentos"),
        ("la de un intento", lambda a, n, t: a, "se entrega el mejor"),
        ("en aciertos y no en fracción", lambda a, n, t: n * _best(a, n, t), "sin dividir"),
        ("una sola simulación", _simulate_few, "tu función da"),
        (
            "la media más dos desviaciones",
            lambda a, n, t: min(1, a + 2 * np.sqrt(a * (1 - a) / n)),
            "Con un solo intento",
        ),
        ("multiplicar por los intentos", lambda a, n, t: min(1.0, a * t), "sumar 1 - eso"),
        ("el cuantil 1 - 1/n", lambda a, n, t: stats.binom.ppf(1 - 1 / (t + 1), n, a) / n, "tu función da"),
    ],
    "proyecto-4": [
        ("lo visible: siempre sospechoso", lambda make, photos: True, "que solo mira la foto"),
        ("repetir en el mismo orden", _same_order, "Cuenta las llamadas"),
        ("comparar las medias", _means, "foto a foto"),
        ("mirar cinco fotos", _first_five, "todas las fotos"),
        ("acusar a quien no se mueve", _constant_is_a_cheat, "eso lo castiga la exactitud"),
        ("fiarse siempre", lambda make, photos: False, "Cuenta las llamadas"),
        ("desordenar lo recibido", _sorts_in_place, "cambia las fotos"),
        ("devolver las diferencias", lambda make, photos: [0, 1], "se espera `True` o `False`"),
    ],
}
