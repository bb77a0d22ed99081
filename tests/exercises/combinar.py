"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

from itertools import permutations
from math import log2

import numpy as np


def _same(before, after):
    return after if after.shape == before.shape else after.T


def _added(before, after):
    return len(np.unique(after)) - len(np.unique(before))


def _visible_damage(before, after):
    return 3, -2


def _totals(before, after):
    return int((before == 0).sum() - (after == 0).sum()), _added(before, after)


def _not_transposed(before, after):
    return int(((before.ravel() == 0) & (after.ravel() != 0)).sum()), _added(before, after)


def _tolerant(before, after):
    return int(((before == 0) & ~np.isclose(_same(before, after), 0)).sum()), _added(before, after)


def _only_after(before, after):
    return int(((before == 0) & (_same(before, after) != 0)).sum()), len(np.unique(after))


def _absolute(before, after):
    return int(((before == 0) & (_same(before, after) != 0)).sum()), abs(_added(before, after))


def _marks(before, after):
    woken = int(((before == 0) & (_same(before, after) != 0)).sum())
    added = _added(before, after)
    before[before == 0] = np.nan
    return woken, added


def _gaps(codes, bits, *, covers=1, early=0, trailing=False, first=0, filler=True):
    pairs, gap, most = [], first, 2**bits - 1 - early
    for code in codes:
        if code == 0 and (gap < most or not filler):
            gap += 1
        elif code == 0:
            pairs.append((2**bits - 1, 0))
            gap = 1 - covers
        else:
            pairs.append((gap, int(code)))
            gap = first
    if trailing and gap > first:
        pairs.append((gap - 1, 0))
    while not trailing and pairs and pairs[-1][1] == 0:
        pairs.pop()
    return pairs


def _visible_index(codes, bits):
    return [(2, 5), (3, 0), (1, 7)]


def _positions(codes, bits):
    return [(int(i), int(codes[i])) for i in np.flatnonzero(codes)]


def _as_lists(codes, bits):
    return [list(pair) for pair in _gaps(codes, bits)]


def _entropy(bits, candidates):
    def cost(contexts):
        total = 0.0
        for context in set(contexts):
            seen = [b for b, c in zip(bits, contexts, strict=True) if c == context]
            for p in (seen.count(0), seen.count(1)):
                total -= p * log2(p / len(seen)) if p else 0
        return total

    return min(candidates, key=lambda name: cost(candidates[name]))


def _adaptive(bits, candidates, start=1, step=2, choose=min):
    def cost(contexts):
        counts, total = {}, 0.0
        for bit, context in zip(bits, contexts, strict=True):
            count = counts.setdefault(context, [start, start])
            total -= log2(count[bit] / sum(count))
            count[bit] += step
        return total

    return choose(candidates, key=lambda name: cost(candidates[name]))


def _paid(bits, candidates):
    return candidates[_adaptive(bits, candidates)]


def _pops(bits, candidates):
    best = _adaptive(bits, candidates)
    candidates.clear()
    return best


def _survives(order, steps, regain=True, needs=True):
    alive = set()
    for name in order:
        if needs and not steps[name]["needs"] <= alive:
            return False
        alive = (alive - steps[name]["breaks"]) | steps[name]["gives"]
        if not regain and any(steps[name]["breaks"] & steps[other]["gives"] for other in order[: order.index(name)]):
            return False
    return alive >= set().union(*(step["gives"] for step in steps.values()))


def _search(steps, names=sorted, **options):
    return next((list(o) for o in permutations(names(steps)) if _survives(o, steps, **options)), [])


def _as_received(steps):
    return _search(steps, names=list)


def _always_an_order(steps):
    return _search(steps) or sorted(steps)


def _empties(steps):
    order = _search(steps)
    for step in steps.values():
        step["needs"] |= step["gives"]
    return order


MISTAKES = {
    "combinar-1": [
        ("lo visible", _visible_damage, "ceros despertados"),
        ("compara totales", _totals, "No compares cuántos ceros hay antes y después"),
        ("sin trasponer", _not_transposed, "traspuesto"),
        ("con tolerancia", _tolerant, "sin tolerancia"),
        ("solo los de después", _only_after, "Resta los distintos de antes"),
        ("en valor absoluto", _absolute, "sale negativa"),
        ("cambia el argumento", _marks, "cambia los núcleos que recibe"),
    ],
    "combinar-2": [
        ("lo visible", _visible_index, "se espera"),
        ("posiciones", _positions, "no la posición ni la distancia"),
        ("huecos sin relleno", lambda c, b: _gaps(c, b, filler=False), "hace falta un relleno"),
        ("el relleno no cuenta", lambda c, b: _gaps(c, b, covers=0), "Un relleno escribe también un cero"),
        ("relleno antes de hora", lambda c, b: _gaps(c, b, early=1), "Un relleno escribe también un cero"),
        ("ceros del final", lambda c, b: _gaps(c, b, trailing=True), "Los ceros del final no se escriben"),
        ("distancias", lambda c, b: _gaps(c, b, first=1), "no la posición ni la distancia"),
        ("listas", _as_lists, "lista de parejas"),
    ],
    "combinar-3": [
        ("lo visible", lambda bits, candidates: "columna", "que no es ninguno de los candidatos"),
        ("entropía final", _entropy, "no paga el aprendizaje"),
        ("el más caro", lambda b, c: _adaptive(b, c, choose=max), "Cuenta sobre la marcha"),
        ("el primero", lambda b, c: next(iter(c)), "eliges"),
        ("el que más contextos tiene", lambda b, c: max(c, key=lambda n: len(set(c[n]))), "no paga el aprendizaje"),
        ("devuelve los contextos", _paid, "se espera un texto"),
        ("vacía los candidatos", _pops, "cambia los candidatos"),
    ],
    "combinar-4": [
        ("lo visible", lambda steps: ["podar", "agrupar"], "se espera"),
        ("alfabético", sorted, "todavía no existe lo que necesita"),
        ("sin mirar lo que necesita", lambda s: _search(s, needs=False), "todavía no existe lo que necesita"),
        ("sin recuperar", lambda s: _search(s, regain=False), "otro paso la vuelve a dar después"),
        ("en el orden recibido", _as_received, "otro anterior por orden alfabético"),
        ("siempre devuelve algo", _always_an_order, "devuelve una lista vacía"),
        ("cambia los pasos", _empties, "cambia los pasos que recibe"),
    ],
}
