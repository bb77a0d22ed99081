"""Equivocaciones plausibles en los ejercicios de `reducir/aceleradores`, y lo que debe decir la explicación."""


def _crossings(operators, placed, outputs, both=True, once=True, last=True, entry=False):
    born = {tensor: i in placed for i, (_, written) in enumerate(operators) for tensor in written}
    travel = [t for t in outputs if born.get(t, entry)] if last else []
    for index, (read, _) in enumerate(operators):
        inside = index in placed
        travel += [t for t in read if born.get(t, entry) != inside and (both or inside)]
    return len(set(travel)) if once else len(travel)


def _boundaries(operators, placed, outputs):
    sides = [False, *(index in placed for index in range(len(operators))), False]
    return sum(a != b for a, b in zip(sides, sides[1:], strict=False))


def _chain(operators, supported):
    placed = set()
    for index in range(len(operators)):
        if index not in supported:
            break
        placed.add(index)
    return placed


def _one_step(operators, supported):
    cut = {t for i, (_, written) in enumerate(operators) if i not in supported for t in written}
    return {i for i in supported if not cut & set(operators[i][0])}


def _from_the_first(operators, supported):
    first = min(set(range(len(operators))) - supported, default=len(operators))
    return {i for i in supported if i < first}


def _spoils_argument(operators, supported):
    for index, (read, _) in enumerate(operators):
        makers = [i for i in range(index) if set(operators[i][1]) & set(read)]
        if any(i not in supported for i in makers):
            supported.discard(index)
    return set(supported)


def _segment(cpu, accelerator, trip, trips=2, key=None, admits=lambda part: None not in part):
    options = []
    for i in range(len(cpu)):
        for j in range(i + 1, len(cpu) + 1):
            if admits(accelerator[i:j]):
                fast = [c if a is None else a for c, a in zip(cpu[i:j], accelerator[i:j], strict=True)]
                options.append((-(sum(cpu[i:j]) - sum(fast) - trips * trip), j - i, i, j))
    best = min(options, default=(0.0, 0, 0, 0), key=key)
    return best[2:] if best[0] < -1e-9 else (0, 0)


def _greedy(cpu, accelerator, trip):
    wins = [a is not None and a < c for c, a in zip(cpu, accelerator, strict=True)]
    best, chosen, start = 0.0, (0, 0), None
    for index, win in enumerate([*wins, False]):
        if win and start is None:
            start = index
        if not win and start is not None:
            saved = sum(cpu[start:index]) - sum(accelerator[start:index]) - 2 * trip
            if saved > best + 1e-9:
                best, chosen = saved, (start, index)
            start = None
    return chosen


MISTAKES = {
    "aceleradores-1": [
        ("el resultado visible del enunciado", lambda o, p, s: 2, "no usa el acelerador"),
        ("olvidar que las salidas vuelven", lambda o, p, s: _crossings(o, p, s, last=False), "se lee en la CPU"),
        ("contar lecturas", lambda o, p, s: _crossings(o, p, s, once=False), "Un tensor viaja una sola vez"),
        ("solo los de ida", lambda o, p, s: _crossings(o, p, s, both=False, last=False), "se lee en la CPU"),
        ("la entrada, ya en el acelerador", lambda o, p, s: _crossings(o, p, s, entry=True), "está en la CPU"),
        ("contar fronteras y no tensores", _boundaries, "es 6"),
        ("devolver un decimal", lambda o, p, s: float(_crossings(o, p, s)), "se espera un entero"),
    ],
    "aceleradores-2": [
        ("la función visible en el enunciado", _chain, "una rama que no pasa por el corte"),
        ("quitar solo los no admitidos", lambda o, s: set(s), "sobra el"),
        ("mirar solo al vecino", _one_step, "sobra el"),
        ("todo lo que va antes del primero", _from_the_first, "falta el"),
        ("cambiar el argumento", _spoils_argument, "cambia `supported`"),
        ("devolver una lista", lambda o, s: sorted(_one_step(o, s)), "se espera un conjunto"),
    ],
    "aceleradores-3": [
        ("un resultado visible, el de todo al acelerador", lambda c, a, t: (0, len(c)), "es (0, 2)"),
        ("un solo viaje", lambda c, a, t: _segment(c, a, t, trips=1), "cuenta los dos viajes"),
        ("sin viajes", lambda c, a, t: _segment(c, a, t, trips=0), "cuenta los dos viajes"),
        ("cortar donde gana la CPU", _greedy, "Compara lo que ahorra el tramo entero"),
        (
            "el más largo si empatan",
            lambda c, a, t: _segment(c, a, t, key=lambda option: (option[0], -option[1], option[2])),
            "gana el corto",
        ),
        ("pasar por alto los no admitidos", lambda c, a, t: _segment(c, a, t, admits=lambda part: True), "es (0, 2)"),
        ("devolver una lista", lambda c, a, t: list(_segment(c, a, t)), "se espera una tupla"),
    ],
}
