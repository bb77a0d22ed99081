"""Los síntomas literales de `mlflow`: se provocan, y el texto de la tabla es el que sale."""

import warnings

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.impute import SimpleImputer
from sklearn.tree import DecisionTreeClassifier


@pytest.fixture
def churn(tmp_path, monkeypatch):
    """Un modelo guardado con MLflow y su tabla; `save` lo guarda con la firma que se le dé."""
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    with warnings.catch_warnings(action="ignore"):  # mlflow avisa de sí mismo y de los enteros
        import mlflow.pyfunc
        import mlflow.sklearn

        table = pd.DataFrame({"antiguedad": [3, 9, 27, 81], "cuota": [9.5, 20.0, 30.5, 41.0]})
        model = DecisionTreeClassifier().fit(table, [0, 0, 1, 1])

        def load(example, name, **options):
            signature = mlflow.models.infer_signature(example, model.predict(table))
            trusted = {"skops_trusted_types": skops.io.get_untrusted_types(data=skops.io.dumps(model))}
            path = str(tmp_path / name)
            mlflow.sklearn.save_model(model, path, signature=signature, pip_requirements=["mlflow"], **trusted)
            return mlflow.pyfunc.load_model(path)

        yield mlflow, table, load


def test_a_signature_of_integers_refuses_gaps_and_one_of_doubles_refuses_integers(churn, symptoms):
    mlflow, table, load = churn
    gaps = table.assign(antiguedad=[3, None, 27, 81])
    for example, asked in ((table, gaps), (gaps, table)):
        with pytest.raises(mlflow.MlflowException) as caught:
            load(example, f"firma-{len(example.dropna())}").predict(asked)
        said = str(caught.value).partition(". Error: ")[2].split(" Hint:")[0]
        assert said.startswith("Incompatible input types") and said in symptoms("mlflow"), said


def test_a_missing_column_is_named_unless_it_was_inferred_optional(churn, symptoms):
    mlflow, table, load = churn
    with pytest.raises(mlflow.MlflowException) as caught:
        load(table, "obligatoria").predict(table[["antiguedad"]])
    assert str(caught.value).split(". Error: ", 1)[-1] in symptoms("mlflow")
    optional = load(table.assign(cuota=[None, 1.0, 2.0, 3.0]), "optativa")
    with pytest.raises(ValueError, match="The feature names should match"):  # habla scikit-learn, no la firma
        optional.predict(table[["antiguedad"]])


def test_an_alias_that_does_not_exist(churn, symptoms):
    mlflow, _, _ = churn
    mlflow.MlflowClient().create_registered_model("bajas")
    with pytest.raises(mlflow.MlflowException) as caught:
        mlflow.pyfunc.load_model("models:/bajas@produccion")
    assert str(caught.value).split(": ", 1)[-1] in symptoms("mlflow")


def test_skops_names_the_types_it_does_not_trust(symptoms):
    prepare = SimpleImputer().fit(np.array([[1.0], [np.nan]]))
    with pytest.raises(skops.io.exceptions.UntrustedTypesFoundException) as caught:
        skops.io.loads(skops.io.dumps(prepare))
    assert str(caught.value) in symptoms("mlflow"), caught.value
