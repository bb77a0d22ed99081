"""Respuestas equivocadas, a propósito, de los ejercicios de la página."""

import pickle

import numpy as np


def _error(reference, candidate):
    return float(np.abs(reference - candidate).max() / np.abs(reference).max())


def _safe_error(reference, candidate):
    if reference.shape != candidate.shape or not np.isfinite(candidate).all():
        return float("inf")
    return _error(reference, candidate)


def _steps(reference, candidate, x, steps, otherwise):
    if _error(reference(x), candidate(x)) <= 1e-4:
        return "ninguno"
    errors = {name: _error(reference(x), candidate(step(x))) for name, step in steps.items()}
    best = min(errors, key=errors.get)
    return best if errors[best] <= 1e-4 else otherwise or best


def _loads(data, permitted):
    import io

    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            if not permitted(module, name):
                raise pickle.UnpicklingError(name)
            return super().find_class(module, name)

    return Unpickler(io.BytesIO(data)).load()


def _late(data, allowed):
    value = pickle.loads(data)
    if type(value) is list:
        raise pickle.UnpicklingError("tarde")
    return value


def _choose(formats, reader, untrusted, raw):
    for f in formats:
        if reader in f["readers"] and not (untrusted and f["runs_code"]) and (f["preprocessing"] or not raw):
            return f["name"]
    return "ninguno"


MISTAKES = {
    "porta-1": [
        ("la resta visible, sin mirar formas", _error, "Compara antes las formas"),
        (
            "olvidar los NaN",
            lambda r, c: float("inf") if r.shape != c.shape else float(np.nanmax(np.abs(r - c)) / np.abs(r).max()),
            "np.isfinite",
        ),
        (
            "error absoluto",
            lambda r, c: _safe_error(r, c) * float(np.abs(r).max()) if _safe_error(r, c) < 9 else float("inf"),
            "Divide por el mayor valor absoluto",
        ),
        ("siempre infinito", lambda r, c: float("inf"), "Si nada cambia, el error es cero"),
    ],
    "porta-2": [
        ("el visible: siempre dividir", lambda *_: "dividir", "Prueba todos los pasos"),
        ("el menos malo", lambda r, c, x, s: _steps(r, c, x, s, None), "el menos malo no basta"),
        (
            "igualdad exacta",
            lambda r, c, x, s: next((n for n, f in s.items() if _error(r(x), c(f(x))) <= 1e-4), "otro"),
            "Compara primero sin aplicar nada",
        ),
        ("siempre otro", lambda *_: "otro", "Prueba todos los pasos"),
    ],
    "porta-3": [
        ("pickle.loads, lo visible", lambda d, a: pickle.loads(d), "su código se ha ejecutado"),
        ("mirar después", _late, "decide en `find_class`"),
        ("solo el módulo", lambda d, a: _loads(d, lambda m, n: m in {x for x, _ in a}), "el par (módulo, nombre)"),
        ("no permitir nada", lambda d, a: _loads(d, lambda m, n: False), "UnpicklingError"),
    ],
    "porta-4": [
        ("el primero visible", lambda f, *_: f[0]["name"], "respondes"),
        ("olvidar al lector", lambda f, r, u, w: _choose([x | {"readers": [r]} for x in f], r, u, w), "mira `readers`"),
        ("olvidar la seguridad", lambda f, r, u, w: _choose(f, r, False, w), "Viene de fuera"),
        ("olvidar el preprocesado", lambda f, r, u, w: _choose(f, r, u, False), "La entrada llega cruda"),
        ("exigir de más", lambda f, r, u, w: _choose(f, r, True, True), "es «"),
    ],
}
