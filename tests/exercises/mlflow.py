"""Respuestas equivocadas, a propósito, de los ejercicios de la página.

Cada una: nombre, función y el fragmento de la explicación que debe nombrar el error.
"""

import json
import re
import warnings

import numpy as np
import pandas as pd
from pandas.api import types

with warnings.catch_warnings(action="ignore"):  # mlflow avisa de sí mismo al importarse
    import mlflow.pyfunc
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types import ColSpec, Schema


def _kind(column):
    if types.is_bool_dtype(column):
        return "boolean"
    return "double" if types.is_numeric_dtype(column) else "string"


def _signature(table, answers, kind=_kind, required=lambda column: True, outputs=...):
    specs = [ColSpec(kind(table[name]), name, required=required(table[name])) for name in table]
    kept = infer_signature(np.zeros(1), answers).outputs if outputs is ... else outputs
    return ModelSignature(inputs=Schema(specs), outputs=kept)


def _visible_signature(table, answers):
    names = ["edad", "antiguedad", "cuota", "llamadas", "contrato", "pago"]
    return ModelSignature(
        inputs=Schema([ColSpec("string" if name in ("contrato", "pago") else "double", name) for name in names]),
        outputs=infer_signature(np.zeros(1), answers).outputs,
    )


def _infer(table, answers):
    with warnings.catch_warnings(action="ignore"):  # avisa de los enteros
        return infer_signature(table, answers)


def _keep_integers(table, answers):
    return _signature(table, answers, lambda c: "long" if types.is_integer_dtype(c) else _kind(c))


def _cast_and_infer(table, answers):
    return infer_signature(table.astype({n: float for n in table if types.is_integer_dtype(table[n])}), answers)


def _logical_is_numeric(table, answers):
    return _signature(table, answers, lambda c: "double" if types.is_numeric_dtype(c) else "string")


def _cast_in_place(table, answers):
    for name in table:
        if types.is_integer_dtype(table[name]):
            table[name] = table[name].astype(float)
    return _signature(table, answers)


def _rules(status, text):
    if status == 200:
        return "bien"
    if "valid JSON formatted string" in text:
        return "json"
    if "exactly one of the input fields" in text:
        return "forma"
    if match := re.search(r"missing inputs \[(.*?)\]", text):
        return "falta: " + match[1].replace("'", "")
    if match := re.search(r"(?:convert|types for) column (\w+)", text):
        return "tipo: " + match[1]
    return "modelo"


def _end(body):
    return json.loads(body).get("message", "").rpartition(". Error: ")[2]


def _first_word_wins(status, body):
    return "json" if status != 200 and "JSON" in body else _rules(status, body)


def _only_one_missing(status, body):
    return _rules(status, json.loads(body).get("message", "")).partition(",")[0]


def _only_the_signature(status, body):
    said = json.loads(body).get("message", "")
    return "modelo" if "Failed to convert" in said else _rules(status, said)


class _Labeled(mlflow.pyfunc.PythonModel):
    def __init__(self, model, categories):
        self.model, self.categories = model, categories

    def check(self, model_input):
        for column, known in self.categories.items():
            unknown = set(model_input[column].dropna()) - set(known)
            if unknown:
                raise ValueError(f"{column}: {unknown}")

    def predict(self, context, model_input: pd.DataFrame, params=None):
        self.check(model_input)
        return ["se va" if leaves else "se queda" for leaves in self.model.predict(model_input)]


class _Numbers(_Labeled):
    def predict(self, context, model_input: pd.DataFrame, params=None):
        return self.model.predict(model_input)


class _Unchecked(_Labeled):
    def check(self, model_input):
        pass


class _RefuseGaps(_Labeled):
    def check(self, model_input):
        for column, known in self.categories.items():
            if not model_input[column].isin(known).all():
                raise ValueError(f"{column}: valor desconocido")


class _Mute(_Labeled):
    def check(self, model_input):
        for column, known in self.categories.items():
            if set(model_input[column].dropna()) - set(known):
                raise ValueError(f"valor desconocido en {column}")


class _FirstRow(_Labeled):
    def check(self, model_input):
        super().check(model_input[:1])


class _AnyList(_Labeled):
    def check(self, model_input):
        known = {value for values in self.categories.values() for value in values}
        for column in self.categories:
            if unknown := set(model_input[column].dropna()) - known:
                raise ValueError(f"{column}: {unknown}")


class _Spoil(_Labeled):
    def predict(self, context, model_input: pd.DataFrame, params=None):
        answers = super().predict(context, model_input)
        for column in self.categories:
            model_input[column] = model_input[column].fillna("?")
        return answers


def _ask(post, table):
    text = table.to_json(orient="split", index=False)
    return json.loads(post(json.dumps({"dataframe_split": json.loads(text)})))["predictions"]


def _as_it_is(predict, post, table):
    return _ask(post, table) == predict(table).tolist()


def _both(compare):
    def answer(predict, post, table):
        return all(compare(_ask(post, t), predict(table).tolist()) for t in (table, table[table.columns[::-1]]))

    return answer


def _first_rows(predict, post, table):
    return _both(lambda a, b: a == b)(predict, post, table[:100])


def _nan_in_json(predict, post, table):
    split = {"columns": list(table), "data": table.to_numpy().tolist()}
    return json.loads(post(json.dumps({"dataframe_split": split})))["predictions"] == predict(table).tolist()


def _without_gaps(predict, post, table):
    return _both(lambda a, b: a == b)(predict, post, table.dropna())


MISTAKES = {
    "mlflow-1": [
        ("la firma visible del cuaderno", _visible_signature, "las entradas de tu firma son"),
        ("deducirla sin más", _infer, "declaras `visitas` como `long`"),
        ("convertir los enteros y deducir", _cast_and_infer, "una petición sin esa columna"),
        ("dejar los enteros", _keep_integers, "declaras `visitas` como `long`"),
        ("los lógicos como números", _logical_is_numeric, "declaras `socio` como `double`"),
        ("sin salida", lambda table, answers: _signature(table, answers, outputs=None), "la salida de tu firma"),
        (
            "optativas las que traen huecos",
            lambda t, a: _signature(t, a, required=lambda c: c.notna().all()),
            "optativa",
        ),
        ("cambiar la tabla recibida", _cast_in_place, "cambia la tabla"),
        ("las columnas por orden alfabético", lambda t, a: _signature(t[sorted(t)], a), "las entradas de tu firma son"),
    ],
    "mlflow-2": [
        ("el caso visible: falta `cuota`", lambda status, body: "falta: cuota", "una respuesta con predicciones"),
        ("buscar «JSON» en cualquier parte", _first_word_wins, "exactamente una de las claves"),
        ("buscar en los datos repetidos", lambda s, b: _rules(s, json.loads(b).get("message", "")), "imita otro error"),
        ("solo la primera columna que falta", _only_one_missing, "puede haber más de uno"),
        ("solo la frase de la firma", _only_the_signature, "Hay dos frases"),
        ("todo 400 es un fallo del modelo", lambda s, b: "bien" if s == 200 else "modelo", "no se puede leer"),
        ("mirar solo el final", lambda s, b: _rules(s, _end(b)), "no se puede leer"),
    ],
    "mlflow-3": [
        ("lo visible: devolver lo que da el modelo", _Numbers, "quien llama no tiene por qué saber de códigos"),
        ("sin comprobar", _Unchecked, "se espera un `ValueError`"),
        ("rechazar los huecos", _RefuseGaps, "Un hueco no es una categoría desconocida"),
        ("un error que no nombra el valor", _Mute, "Nombra en el mensaje"),
        ("mirar solo la primera fila", _FirstRow, "fila 33"),
        ("una sola lista para todas las columnas", _AnyList, "«web» en `ciudad`"),
        ("rellenar en la tabla recibida", _Spoil, "cambia la tabla"),
        ("una clase cualquiera", lambda model, categories: model, "se espera un `mlflow.pyfunc.PythonModel`"),
    ],
    "mlflow-4": [
        ("la prueba visible: las columnas en su orden", _as_it_is, "las columnas al revés"),
        ("siempre cierto", lambda predict, post, table: True, "no lee los nombres"),
        ("siempre falso", lambda predict, post, table: False, "un servicio que responde bien"),
        ("solo las cien primeras filas", _first_rows, "un cero en cada hueco"),
        ("quitar las filas con huecos", _without_gaps, "un cero en cada hueco"),
        ("comparar el total", _both(lambda a, b: sum(a) == sum(b)), "Compara fila a fila"),
        (
            "comparar hasta donde lleguen",
            _both(lambda a, b: all(x == y for x, y in zip(a, b, strict=False))),
            "cuántas respuestas hay",
        ),
        ("casi todas iguales", _both(lambda a, b: len(a) == len(b) and np.mean(np.equal(a, b)) > 0.99), "última fila"),
        ("NaN en el JSON", _nan_in_json, "no entiende NaN"),
    ],
}
