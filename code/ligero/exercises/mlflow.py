"""Ejercicios de `preparar/mlflow`; MLflow tarda en importarse, y solo se hace al corregir uno suyo."""

import json
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from ligero.exercises import Trial, exercise


def _table(rows: int = 60, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "precio": rng.normal(20, 5, rows).round(2),
            "visitas": rng.integers(0, 9, rows),
            "altura": rng.normal(170, 9, rows).round(1),
            "socio": rng.random(rows) < 0.5,
            "ciudad": rng.choice(["Lugo", "Quito", "Lima"], rows),
            "canal": rng.choice(["web", "tienda"], rows),
        }
    )
    frame.loc[rows - 7 :, "altura"] = np.nan
    frame.loc[rows - 4 :, "ciudad"] = np.nan
    return frame


@exercise(
    "mlflow-1",
    asks="Escribe `tolerant_signature(table, answers)`: una `ModelSignature` que admita huecos, no columnas ausentes.",
    first_hint="Un hueco es un valor que falta; `required=False` dice otra cosa: que puede faltar la columna entera.",
)
def tolerant_signature(trial: Trial) -> str:
    """Mira tipos, obligatoriedad, orden y salida, con columnas que el enunciado no enseña."""
    with warnings.catch_warnings(action="ignore"):  # mlflow avisa de sí mismo al importarse
        import mlflow.pyfunc  # noqa: F401
        from mlflow.models import ModelSignature, infer_signature

    whole = _table()
    kinds = dict.fromkeys(whole, "double") | {"socio": "boolean", "ciudad": "string", "canal": "string"}
    counts = whole[["visitas", "precio"]].head(9)
    for table, answers, shown in (
        (whole, np.arange(len(whole)) % 2, "números, lógicos y texto con huecos, y respuestas enteras"),
        (whole[whole.columns[::-1]], np.linspace(0, 1, len(whole)), "las columnas en otro orden y respuestas reales"),
        (counts, np.zeros((9, 3), np.float32), "dos columnas de números y respuestas de tres en tres"),
    ):
        original = table.copy()
        got = trial.call(table, answers, shown=shown)
        trial.require(
            isinstance(got, ModelSignature),
            f"Con {shown}, tu función devuelve {type(got).__name__} y se espera una `ModelSignature`.",
            "Acaba con `return ModelSignature(inputs=Schema([...]), outputs=...)`.",
        )
        trial.require(
            table.equals(original) and list(table.dtypes) == list(original.dtypes),
            f"Con {shown}, tu función cambia la tabla que recibe.",
            "`astype` y `assign` crean otra; asignar a `table[...]` cambia la de quien llama.",
        )
        names = got.inputs.input_names() if got.inputs else []
        trial.require(
            names == list(table),
            f"Con {shown}, las entradas de tu firma son {names} y las columnas, {list(table)}.",
            "Recorre `table.columns`: la firma es de esa tabla, no de la del cuaderno.",
        )
        for column in got.inputs.inputs:
            kind = getattr(column.type, "name", str(column.type))
            trial.require(
                kind == kinds[column.name],
                f"Con {shown}, declaras `{column.name}` como `{kind}` y debe ser `{kinds[column.name]}`.",
                "Un entero (`long`) no admite huecos: va como `double`. Y para pandas un lógico también es numérico: "
                "mira si lo es antes de preguntar si es un número.",
            )
            trial.require(
                column.required,
                f"Con {shown}, `{column.name}` queda como optativa: una petición sin esa columna pasaría la firma y "
                "rompería el modelo.",
                "`infer_signature` marca así las columnas con huecos. Construye tú cada `ColSpec`: es obligatoria si "
                "no dices otra cosa.",
            )
        expected = infer_signature(np.zeros(1), answers).outputs
        trial.require(
            got.outputs == expected,
            f"Con {shown}, la salida de tu firma es {got.outputs} y debe ser {expected}.",
            "La salida sí puede deducirse: `infer_signature(table, answers).outputs`.",
        )
    return (
        "Has cambiado enteros por flotantes. ¿A partir de qué número un identificador entero dejaría de caber exacto "
        "en un `double`? ¿Lo declararías así?"
    )


_HEADS = {"INVALID": "INVALID_PARAMETER_VALUE", "BAD": "BAD_REQUEST"}
_SCHEMA = "['edad': double (required), 'cuota': double (required), 'pago': string (required)]"


def _reply(message: str, code: str = "BAD") -> str:
    return json.dumps({"error_code": _HEADS[code], "message": message, "sqlstate": "KAM00"})


def _enforced(data: str, reason: str) -> str:
    text = f"Failed to enforce schema of data '{data}' with schema '{_SCHEMA}'. Error: {reason}"
    return _reply(f"Failed to predict data '{data}'. \nError: {text}", "INVALID")


# Lo que responde MLflow 3.17, con otras columnas y con datos que imitan el texto de los errores.
_REPLIES = [
    (200, json.dumps({"predictions": [0, 1]}), "bien", "una respuesta con predicciones"),
    (
        400,
        _reply(
            "Invalid input. Ensure that input is a valid JSON formatted string. Error: 'JSONDecodeError('Expecting "
            "value: line 1 column 24 (char 23)')'\nInput: \nb'{\"dataframe_records\": ['\n"
        ),
        "json",
        "un JSON que no se puede leer",
    ),
    (
        400,
        _reply(
            "The input must be a JSON dictionary with exactly one of the input fields {'instances', 'inputs', "
            "'dataframe_split', 'dataframe_records'}. Received dictionary with input fields: ['datos']. IMPORTANT: The "
            "MLflow Model scoring protocol has changed in MLflow version 2.0."
        ),
        "forma",
        "un JSON correcto sin ninguna de las claves que MLflow entiende",
    ),
    (
        400,
        _enforced("   edad    pago\n0  39.0  tarjeta", "Model is missing inputs ['cuota']."),
        "falta: cuota",
        "una tabla sin `cuota`",
    ),
    (
        400,
        _enforced(
            "   pago\n0  tarjeta",
            "Model is missing inputs ['edad', 'cuota']. Note that there were extra inputs: ['vip'].",
        ),
        "falta: edad, cuota",
        "una tabla sin `edad` ni `cuota` y con una columna de más",
    ),
    (
        400,
        _reply(
            "Invalid input. Data is not compatible with model signature. Failed to convert column edad to type "
            "'float64'. Error: 'ValueError(\"could not convert string to float: 'JSON'\")'"
        ),
        "tipo: edad",
        "un texto, «JSON», donde va la edad",
    ),
    (
        400,
        _enforced(
            "   edad  cuota                pago\n0  39.0   True  Model is missing inputs ['x']",
            "Incompatible input types for column cuota. Can not safely convert bool to float64.",
        ),
        "tipo: cuota",
        "un lógico en `cuota` y, en `pago`, un texto que imita otro error",
    ),
    (
        400,
        _reply(
            "Encountered an unexpected error while evaluating the model. Verify that the serialized input Dataframe is "
            "compatible with the model for inference."
        ),
        "modelo",
        "un fallo dentro del modelo",
    ),
]


@exercise(
    "mlflow-2",
    asks="Escribe `diagnose(status, body)`: qué arreglar en la petición, a partir de la respuesta del servidor.",
    first_hint="`json.loads(body)` da un diccionario; lo que importa está en `message`, y casi siempre al final.",
)
def diagnose(trial: Trial) -> str:
    """Le da respuestas auténticas, con otras columnas y con datos que se parecen a un error."""
    hints = {
        "bien": "El código 200 significa que ha respondido: no hay nada que diagnosticar.",
        "json": "Busca la frase entera con que el servidor dice que no ha podido leer el JSON.",
        "forma": "El JSON se ha leído, pero no trae exactamente una de las claves que MLflow entiende.",
        "modelo": "El mensaje no nombra ninguna columna: ha fallado el modelo, no la firma.",
        "falta": "Los nombres van entre corchetes, detrás de `Model is missing inputs`; puede haber más de uno.",
        "tipo": "Hay dos frases para un tipo equivocado, la del servidor (`Failed to convert column …`) y la de la "
        "firma (`Incompatible input types for column …`). El mensaje repite los datos recibidos, que pueden parecerse "
        "a un error: mira lo que va detrás del último `. Error: `.",
    }
    for status, body, expected, shown in _REPLIES:
        got = trial.text(trial.call(status, body, shown=shown), f"Con {shown}")
        trial.require(
            got == expected,
            f"Con {shown} respondes «{got}» y es «{expected}».",
            hints[expected.partition(":")[0]],
        )
    return (
        "Has leído frases en inglés que la próxima versión de MLflow puede cambiar. ¿Qué pondrías tú en el cuerpo de "
        "un error para que quien te llama no tenga que hacerlo?"
    )


class _Threshold:
    """Un modelo de mentira: 1 si el precio pasa de 20; anota lo que recibe."""

    def predict(self, table: pd.DataFrame) -> np.ndarray:
        return (table["precio"] > 20).to_numpy().astype(np.int64)


@exercise(
    "mlflow-3",
    asks="Escribe la clase `LabeledModel(model, categories)`: un `pyfunc` que comprueba categorías y da etiquetas.",
    first_hint="Hereda de `mlflow.pyfunc.PythonModel`; guarda los argumentos en `__init__` y comprueba en `predict`.",
)
def labeled_model(trial: Trial) -> str:
    """Le da huecos, categorías cambiadas de columna y errores lejos de la primera fila."""
    with warnings.catch_warnings(action="ignore"):
        import mlflow.pyfunc

    categories = {"ciudad": ["Lima", "Lugo", "Quito"], "canal": ["tienda", "web"]}
    model, table = _Threshold(), _table()
    wrapper = trial.call(model, {k: list(v) for k, v in categories.items()}, shown="un modelo y sus categorías")
    trial.require(
        isinstance(wrapper, mlflow.pyfunc.PythonModel),
        f"Se obtiene un {type(wrapper).__name__} y se espera un `mlflow.pyfunc.PythonModel`.",
        "Escribe `class LabeledModel(mlflow.pyfunc.PythonModel):` y pasa la clase, sin paréntesis.",
    )

    def answer(frame: pd.DataFrame, shown: str) -> object:
        def work() -> object:
            try:
                return wrapper.predict(None, frame)
            except NotImplementedError:
                raise
            except Exception as error:
                return error

        return trial.run(work, f" con {shown}")

    expected = ["se va" if leaves else "se queda" for leaves in model.predict(table)]
    for frame, wanted, shown in (
        (table[:50], expected[:50], "50 clientes sin defectos"),
        (table, expected, "60 clientes, algunos con huecos"),
        (table[::-1], expected[::-1], "los mismos, al revés"),
    ):
        original = frame.copy()
        got = answer(frame, shown)
        trial.require(
            not isinstance(got, Exception),
            f"Con {shown}, `predict` se detiene con `{type(got).__name__}: {got}`.",
            "Un hueco no es una categoría desconocida: quítalos (`dropna`) antes de comparar con la lista.",
        )
        trial.require(
            isinstance(got, list | np.ndarray | pd.Series) and len(got) == len(frame),
            f"Con {shown}, `predict` devuelve {type(got).__name__} y se esperan {len(frame)} etiquetas.",
            "Una etiqueta por fila, en el mismo orden: una lista vale.",
        )
        trial.require(
            list(got) == wanted,
            f"Con {shown}, `predict` empieza por {list(got)[:3]} y debe empezar por {wanted[:3]}.",
            "1 es «se va» y 0, «se queda»: quien llama no tiene por qué saber de códigos.",
        )
        trial.require(
            frame.equals(original),
            f"Con {shown}, `predict` cambia la tabla que recibe.",
            "Compara sin asignar en `model_input`.",
        )
    for column, value, row in (("ciudad", "Atlantis", 0), ("canal", "telepatía", 33), ("ciudad", "web", 12)):
        frame = table.copy()
        frame.loc[row, column] = value
        shown = f"«{value}» en `{column}`, fila {row}"
        got = answer(frame, shown)
        trial.require(
            isinstance(got, ValueError),
            f"Con {shown}, se espera un `ValueError` y `predict` "
            + (f"se detiene con {type(got).__name__}." if isinstance(got, Exception) else "responde."),
            "Compara toda la columna, no solo la primera fila, y con la lista de esa columna, no con la de otra.",
        )
        trial.require(
            column in str(got) and value in str(got),
            f"Con {shown}, el error dice «{got}».",
            f"Nombra en el mensaje la columna (`{column}`) y el valor («{value}»): con eso se arregla la petición.",
        )
    return (
        "Ahora un valor nuevo detiene toda la petición, también las demás filas. ¿Cuándo preferirías responder a las "
        "buenas y señalar la mala?"
    )


def _forbid(token: str) -> None:
    raise ValueError(f"el servicio no entiende {token}: no es JSON")


def _service(fault: str = "") -> Callable[[str], str]:
    """Un servicio de mentira con la interfaz de MLflow; `fault` dice qué hace mal."""
    names = ["edad", "antiguedad", "cuota"]

    def post(text: str) -> str:
        split = json.loads(text, parse_constant=_forbid)["dataframe_split"]
        columns = names if fault == "posicion" else split["columns"]
        rows = pd.DataFrame(split["data"], columns=columns, dtype=float)
        if fault == "huecos":
            rows = rows.fillna(0)
        answers = _leaves(rows).tolist()
        if fault == "corta":
            answers = answers[:100]
        elif fault == "orden":
            answers = [answers[i] for i in np.argsort(rows["cuota"].to_numpy(), kind="stable")]
        elif fault == "ultima":
            answers[-1] = 1 - answers[-1]
        return json.dumps({"predictions": answers})

    return post


def _leaves(table: pd.DataFrame) -> np.ndarray:
    filled = table.fillna({"edad": 45.0, "antiguedad": 30.0, "cuota": 38.0})
    return (filled["cuota"] + 0.5 * filled["edad"] - filled["antiguedad"] > 25).to_numpy().astype(np.int64)


@exercise(
    "mlflow-4",
    asks="Escribe `same_answers(predict, post, table)`: `True` solo si el servicio responde lo mismo que el modelo.",
    first_hint="¿Qué servicio defectuoso respondería bien a la tabla tal cual, y cómo hay que enviarla para verlo?",
)
def same_answers(trial: Trial) -> str:
    """Pone delante servicios buenos y servicios que fallan solo de una manera."""
    faults = {
        "": ("un servicio que responde bien", ""),
        "posicion": (
            "un servicio que no lee los nombres de las columnas y las supone en su orden",
            "Con las columnas en su orden no se nota. Envía también la tabla con las columnas al revés: los nombres "
            "van en `columns`, y la respuesta no debe cambiar.",
        ),
        "huecos": ("un servicio que pone un cero en cada hueco", "Los huecos están al final: envía todas las filas."),
        "corta": ("un servicio que solo responde a las cien primeras filas", "Compara también cuántas respuestas hay."),
        "orden": (
            "un servicio que devuelve las respuestas en otro orden",
            "Compara fila a fila, no el total: cada respuesta es de un cliente.",
        ),
        "ultima": ("un servicio que falla en la última fila", "Una sola fila distinta ya no es paridad."),
    }
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        table = pd.DataFrame(
            {
                "edad": rng.normal(45, 15, 240).round(),
                "antiguedad": rng.normal(30, 15, 240).round(),
                "cuota": rng.normal(38, 12, 240).round(2),
            }
        )
        table.loc[200:, "cuota"] = np.nan
        for fault, (shown, hint) in faults.items():
            original = table.copy()
            got = trial.call(_leaves, _service(fault), table, shown=shown)
            trial.require(
                isinstance(got, bool | np.bool_),
                f"Con {shown}, tu función devuelve {type(got).__name__} y se espera `True` o `False`.",
                "Acaba con una comparación, como `return all(...)`.",
            )
            trial.require(
                bool(got) is (not fault),
                f"Con {shown} respondes {bool(got)}.",
                hint or "Si nada difiere, hay paridad. ¿Comparas cada respuesta con la de su fila?",
            )
            trial.require(
                table.equals(original),
                f"Con {shown}, tu función cambia la tabla que recibe.",
                "Reordenar y rellenar, sobre una copia.",
            )
    return (
        "Tu prueba ha visto unas filas y ningún servicio en marcha. ¿Cada cuánto la repetirías una vez desplegado, y "
        "con qué datos, si no puedes usar los de los clientes?"
    )
