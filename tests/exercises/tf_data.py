"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""


def _shuffle_everything(items, size, rng):
    return [items[i] for i in rng.permutation(len(items))]


def _forgets_the_last(items, size, rng):
    buffer, out = list(items[:size]), []
    for item in items[size:]:
        chosen = rng.integers(len(buffer))
        out.append(buffer[chosen])
        buffer[chosen] = item
    return out


def _in_place(items, size, rng):
    out = []
    while items:
        out.append(items.pop(rng.integers(min(size, len(items)))))
    return out


def _by_chunks(items, size, rng):
    out = []
    for start in range(0, len(items), size):
        chunk = items[start : start + size]
        out += [chunk[i] for i in rng.permutation(len(chunk))]
    return out


def _chain(sources, cycle_length, block_length):
    return [item for source in sources for item in source]


def _round_robin(sources, cycle_length, block_length, refill=True, block=None, open_all=False):
    waiting = [list(source) for source in sources]
    slots = [waiting.pop(0) for _ in range(len(sources) if open_all else min(cycle_length, len(sources)))]
    out, block = [], block or block_length
    while any(slots):
        for i in range(len(slots)):
            out += slots[i][:block]
            del slots[i][:block]
            if not slots[i] and waiting and refill:
                slots[i] = waiting.pop(0)
    return out


def _new_one_at_once(sources, cycle_length, block_length):
    """La fuente nueva entra en el mismo turno en que se agota la anterior."""
    waiting = [list(source) for source in sources]
    slots = [waiting.pop(0) for _ in range(min(cycle_length, len(sources)))]
    out = []
    while any(slots):
        for i in range(len(slots)):
            left = block_length
            while left and slots[i]:
                out.append(slots[i].pop(0))
                left -= 1
                if not slots[i] and waiting:
                    slots[i] = waiting.pop(0)
                    left = block_length
    return out


def _longest(spans):
    totals = {}
    for stage, start, end in spans:
        if stage != "entrenar":
            totals[stage] = totals.get(stage, 0) + end - start
    return max(totals, key=totals.get)


def _gaps(spans):
    trained = sorted((s, e) for stage, s, e in spans if stage == "entrenar")
    return [(a[1], b[0]) for a, b in zip(trained, trained[1:], strict=False) if b[0] > a[1]]


def _sums_threads(spans):
    totals = {}
    for left, right in _gaps(spans):
        for stage, start, end in spans:
            inside = min(end, right) - max(start, left)
            if stage != "entrenar" and inside > 0:
                totals[stage] = totals.get(stage, 0) + inside
    return max(totals, key=totals.get, default="nadie")


def _whole_spans(spans):
    totals = {}
    for left, right in _gaps(spans):
        for stage in {stage for stage, s, e in spans if stage != "entrenar" and s < right and e > left}:
            touched = [e - s for name, s, e in set(spans) if name == stage and s < right and e > left]
            totals[stage] = totals.get(stage, 0) + sum(touched)
    return max(totals, key=totals.get, default="nadie")


def _counts_the_start(spans):
    stop = max(e for stage, s, e in spans if stage == "entrenar")
    edges = sorted({t for _, s, e in spans for t in (s, e) if t <= stop})
    totals = {}
    for left, right in zip(edges, edges[1:], strict=False):
        active = {stage for stage, s, e in spans if s <= left and e >= right}
        if "entrenar" not in active:
            for stage in active:
                totals[stage] = totals.get(stage, 0) + right - left
    return max(totals, key=totals.get, default="nadie")


MISTAKES = {
    "data-1": [
        ("el visible: 32", lambda t, b, a, c: 32, "tu función da 32 y la tubería ha leído 64"),
        ("adelanta registros", lambda t, b, a, c: b * c + a, "Has adelantado registros sueltos"),
        ("solo los entregados", lambda t, b, a, c: b * c, "Suma los dos"),
        ("sin fin", lambda t, b, a, c: b * (c + a) if c else 0, "No se puede leer más"),
        ("múltiplo de abajo", lambda t, b, a, c: min(t // b * b, b * (c + a)) if c else 0, "no se redondea"),
        ("arranca solo", lambda t, b, a, c: min(t, b * (c + a)), "Nadie ha pedido nada"),
    ],
    "data-2": [
        ("la fórmula visible", lambda e, n, s, p, a: max((e + n) / p, s), "Con acelerador la red no gasta núcleos"),
        ("olvida la red", lambda e, n, s, p, a: max(e / p, s), "en los mismos núcleos"),
        ("sin etapa en serie", lambda e, n, s, p, a: (e if a else e + n) / p, "Falta la etapa en serie"),
        ("suma", lambda e, n, s, p, a: (e if a else e + n) / p + s, "no se suman"),
        ("un solo núcleo", lambda e, n, s, p, a: max(e if a else e + n, s), "entre los núcleos"),
    ],
    "data-3": [
        ("lo visible: sin tocar", lambda items, size, rng: list(items), "el orden [0, 1, 2] sale el 100 %"),
        ("baraja todo", _shuffle_everything, "Nadie sale sin haber entrado"),
        ("olvida la memoria", _forgets_the_last, "los que quedan en la memoria"),
        ("vacía la lista", _in_place, "cambia la lista que recibe"),
        ("por trozos", _by_chunks, "con la misma probabilidad"),
    ],
    "data-4": [
        ("lo visible: una tras otra", _chain, "leer una fuente detrás de otra"),
        ("no abre más", lambda *a: _round_robin(*a, refill=False), "abre la siguiente"),
        ("sin bloques", lambda *a: _round_robin(*a, block=1), "`block_length` elementos seguidos"),
        ("todas abiertas", lambda *a: _round_robin(*a, open_all=True), "Has abierto todas a la vez"),
        ("la nueva, en el mismo turno", _new_one_at_once, "el turno pasa al hueco siguiente"),
    ],
    "data-5": [
        ("la visible: siempre leer", lambda spans: "leer", "no estorba mientras la red entrena"),
        ("la más larga", _longest, "La etapa más larga no estorba"),
        ("suma los hilos", _sums_threads, "son un segundo, no tres"),
        ("cuenta el arranque", _counts_the_start, "el arranque no se puede solapar"),
        ("tramos enteros", _whole_spans, "cuenta solo la parte que cae dentro"),
        ("siempre hay culpable", lambda spans: _sums_threads(list(set(spans))).replace("nadie", "leer"), "«nadie»"),
    ],
}
