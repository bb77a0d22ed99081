"""Los síntomas literales de `optimizacion`: se provocan, y el texto de la tabla es el que sale."""

import pytest

from ligero import convert, decision


def test_a_complaint_is_not_an_answer_of_the_tree(network, symptoms):
    calls = [
        lambda: decision.recommend({"hardware": "CPU", "requisito": "más pequeño"}),
        lambda: decision.recommend({"hardware": "CPU", "requisito": "disco"}),
        lambda: convert.convert(network, "int8"),
    ]
    for call in calls:
        with pytest.raises(ValueError) as caught:
            call()
        said = f"ValueError: {caught.value}".split(", por ejemplo")[0].replace("`", "")
        assert said in symptoms("optimizacion")
