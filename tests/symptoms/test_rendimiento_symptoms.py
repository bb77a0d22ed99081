"""Los síntomas literales de `rendimiento`: se provocan, y el texto de la tabla es el que sale."""

import io

import pytest
from PIL import Image

from ligero import budget


def test_nothing_is_left_for_the_model(symptoms):
    with pytest.raises(ValueError) as caught:
        budget.budget(deadline_ms=100, other_ms=120)
    assert f"ValueError: {caught.value}".split(" Alarga")[0] in symptoms("rendimiento")


def test_draft_does_not_give_the_size_it_is_asked_for(symptoms):
    buffer = io.BytesIO()
    Image.new("RGB", (960, 720)).save(buffer, "JPEG")
    image = Image.open(buffer)
    image.draft("RGB", (128, 128))
    assert "Con draft((128, 128)) llega una imagen de {}×{}".format(*image.size) in symptoms("rendimiento")
