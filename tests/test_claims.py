import dataclasses

import numpy as np
import pytest

from course import appendices, project
from ligero import claims, published


@pytest.fixture
def shown(monkeypatch):
    outputs = []
    monkeypatch.setattr(claims, "display", lambda data, **options: outputs.append((data.data, options["metadata"])))
    return outputs


def plant(monkeypatch, **changes):
    """Pone una fila alterada en el lugar de A-10."""
    altered = dict(claims.load()) | {"A-10": dataclasses.replace(claims.load()["A-10"], **changes)}
    monkeypatch.setattr(claims, "load", lambda: altered)


def test_card_shows_the_sentence_the_measure_and_what_was_published(shown):
    claims.claim("A-14", razon_latencia=0.5)
    text, metadata = shown[0]
    assert "La cuantización puede reducir la latencia" in text and "0.500" in text and "≤ 0.9" in text
    assert "124 → 112 ms" in text and "Pixel 2" in text
    assert metadata["ligero"]["claim"] == "A-14" and metadata["ligero"]["measured"] == {"razon_latencia": 0.5}


@pytest.mark.parametrize(
    ("magnitudes", "says"),
    [
        ({"razon_tamano": 0.47}, "razon_tamano = 0.47 y se exige ≥ 0.48"),
        ({"razon_tamano": 0.601}, "se exige ≤ 0.6"),
    ],
)
def test_a_broken_claim_fails_and_shows_nothing(shown, magnitudes, says):
    with pytest.raises(claims.ClaimError, match=says):
        claims.claim("A-10", **magnitudes)
    assert not shown


def test_limits_are_strict_where_the_row_says_so():
    with pytest.raises(claims.ClaimError, match="razon_memoria"):
        claims.claim("A-02", razon_tamano=0.3, razon_memoria=1.0, cota_inferior_puntos=0.0)


@pytest.mark.parametrize(
    ("magnitudes", "error", "says"),
    [
        ({}, ValueError, "Falta razon_tamano"),
        ({"razon_tamano": 0.5, "otra": 1}, ValueError, "Sobra otra"),
        ({"razon_tamaño": 0.5}, ValueError, "Falta razon_tamano. Sobra razon_tamaño"),
        ({"razon_tamano": True}, TypeError, "debe ser el número medido"),
        ({"razon_tamano": np.bool_(True)}, TypeError, "debe ser el número medido"),
        ({"razon_tamano": "0.5"}, TypeError, "debe ser el número medido"),
        ({"razon_tamano": None}, TypeError, "debe ser el número medido"),
        ({"razon_tamano": float("nan")}, ValueError, "revisa la medida"),
        ({"razon_tamano": float("inf")}, ValueError, "revisa la medida"),
    ],
)
def test_only_measured_numbers_with_their_exact_names(magnitudes, error, says):
    with pytest.raises(error, match=says):
        claims.claim("A-10", **magnitudes)


def test_numpy_integers_stay_exact(shown):
    claims.claim("A-23", conversiones_sin_datos=np.int64(2), errores_int8_sin_datos=1)
    assert "| 2 |" in shown[0][0] and shown[0][1]["ligero"]["measured"]["conversiones_sin_datos"] == 2


def test_unknown_claim():
    with pytest.raises(KeyError, match="No hay ninguna afirmación «A-999»"):
        claims.claim("A-999", x=1)


def test_informative_rows_demand_nothing_but_still_want_a_number(shown):
    claims.claim("A-17", veces_mas_rapida=0.01)
    assert "nada: solo informa" in shown[0][0]
    with pytest.raises(TypeError):
        claims.claim("A-17", veces_mas_rapida="mucho")


def test_a_missing_requirement_is_said_and_not_passed_over(monkeypatch, shown):
    monkeypatch.setitem(claims._REQUIREMENTS, "int8_dot_product", (lambda: None, "no hay VNNI"))
    claims.claim("A-14", razon_latencia=5.0)
    text, metadata = shown[0]
    assert metadata["ligero"]["outcome"] == claims.NOT_CHECKABLE
    assert "no comprobable aquí: no hay VNNI" in text and "comprobada" not in text


def test_the_program_in_c_needs_a_compiler(monkeypatch, shown):
    monkeypatch.setattr(claims.sys, "platform", "linux")
    monkeypatch.setattr(claims.shutil, "which", lambda name: "/bin/gcc" if name == "gcc" else None)
    with pytest.raises(claims.ClaimError, match="respuestas_en_c"):
        claims.claim("A-73", respuestas_en_c=0.0, error_relativo_c=0.0)
    monkeypatch.setattr(claims.shutil, "which", lambda name: None)
    claims.claim("A-73", respuestas_en_c=0.0, error_relativo_c=0.0)
    assert shown[-1][1]["ligero"]["outcome"] == claims.NOT_CHECKABLE and "no hay compilador de C" in shown[-1][0]


def test_a_parallel_claim_needs_a_free_core_measured_then(monkeypatch, shown):
    needs_core = claims.parse_criteria("escalado_cpu >= 1.5")[0]
    plant(monkeypatch, requirement=needs_core, criteria=claims.parse_criteria("ganancia_relativa >= 0.6"))
    claims.claim("A-10", ganancia_relativa=0.9, escalado_cpu=1.9)
    assert shown[0][1]["ligero"]["outcome"] == "comprobada" and "≥ 1.5 para poder comprobarla" in shown[0][0]
    claims.claim("A-10", ganancia_relativa=0.1, escalado_cpu=1.4)
    assert shown[1][1]["ligero"]["outcome"] == claims.NOT_CHECKABLE
    assert "no había un núcleo libre" in shown[1][0]
    with pytest.raises(claims.ClaimError, match="ganancia_relativa"):
        claims.claim("A-10", ganancia_relativa=0.1, escalado_cpu=1.5)
    with pytest.raises(ValueError, match="Falta escalado_cpu"):
        claims.claim("A-10", ganancia_relativa=0.9)


@pytest.mark.parametrize("text", ["", "razon", "razon <= 0.40; ; x > 1", "razon = 3", "razon <= poco", "razon <= 1e9x"])
def test_criteria_that_cannot_be_read(text):
    if text == "razon":  # sin condición: la magnitud solo se muestra
        assert str(claims.parse_criteria(text)[0]) == ""
        return
    with pytest.raises(ValueError, match="No entiendo el criterio"):
        claims.parse_criteria(text)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": "A-02"}, "repite la fila"),
        ({"tipo": "cierta"}, "no es ninguno de"),
        ({"requiere": "suerte"}, "no sé comprobar el requisito"),
        ({"requiere": "escalado_cpu"}, "no sé comprobar el requisito"),
        ({"requiere": "suerte >= 1"}, "no sé comprobar el requisito"),
        ({"criterios": "razon_tamano"}, "debe exigir algo de cada magnitud"),
    ],
)
def test_rows_that_make_no_sense(monkeypatch, change, says):
    rows = published.rows("claims.csv")
    rows[-1] |= change
    monkeypatch.setattr(published, "rows", lambda name: rows)
    with pytest.raises(ValueError, match=says):
        claims.load.__wrapped__()


def test_a_comma_that_needs_quotes_is_named(monkeypatch):
    text = "id,pagina\nA-999,x,sobra\n"
    monkeypatch.setattr("pathlib.Path.read_text", lambda self, **_: text)
    with pytest.raises(ValueError, match="A-999 no tiene las columnas justas"):
        published.rows("claims.csv")


def test_every_published_figure_a_claim_cites_exists_and_keeps_its_source():
    for row in claims.load().values():
        for figure_id in row.published:
            assert published.figures()[figure_id]["fuente"] in published.describe(figure_id)


def test_every_claim_belongs_to_a_page_of_the_book_and_is_proven_there():
    pages = {project.page_id(path) for path in project.notebooks()}
    for row in claims.load().values():
        assert row.page in pages, f"{row.id}: su página {row.page} no está en _toc.yml."
        assert row.id in appendices.proven(), f"{row.id}: ningún cuaderno la prueba. Llama a claim('{row.id}', …)."
        assert appendices.proven()[row.id][0] == row.page, f"{row.id} se prueba en otra página."


def test_stored_cards_meet_the_criteria_of_today():
    for claim_id, (_, card) in appendices.proven().items():
        assert claim_id in claims.load(), f"{claim_id} está en un cuaderno y no en claims.csv"
        assert set(card["measured"]) == set(claims.load()[claim_id].magnitudes), f"{claim_id}: vuelve a make run"
        assert card["outcome"] == claims.load()[claim_id].kind, claim_id
        for criterion in claims.load()[claim_id].criteria:
            assert criterion.holds(card["measured"][criterion.magnitude]), claim_id


def test_a_looser_row_would_be_noticed(monkeypatch):
    """Si alguien endurece la fila y no vuelve a medir, la ficha guardada la contradice."""
    plant(monkeypatch, criteria=claims.parse_criteria("razon_tamano <= 0.1"))
    with pytest.raises(AssertionError, match="A-10"):
        test_stored_cards_meet_the_criteria_of_today()
