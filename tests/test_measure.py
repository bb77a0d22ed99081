import gzip

import numpy as np
import pytest
from scipy import stats

from ligero import measure


def test_file_size_counts_bytes_and_what_gzip_leaves(tflites):
    size = measure.file_size(tflites["int8"])
    assert size.raw == len(tflites["int8"])
    assert size.gzip == len(gzip.compress(tflites["int8"], 9, mtime=0)) < size.raw


def test_wilson_interval_against_the_published_formula():
    hits, n, z = 95, 100, stats.norm.ppf(0.975)
    p = hits / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    got = measure.accuracy(np.arange(n) < hits)
    assert (got.value, got.low, got.high) == pytest.approx((95, 100 * (centre - half), 100 * (centre + half)))


def test_paired_interval_covers_the_truth_95_times_in_100():
    rng = np.random.default_rng(0)
    n, lost, gained, trials = 600, 0.03, 0.01, 3000
    truth, covered = 100 * (gained - lost), 0
    for _ in range(trials):
        kind = rng.choice(3, n, p=[lost, gained, 1 - lost - gained])
        # 0: solo acierta el original; 1: solo el candidato; 2: los dos.
        interval = measure.paired_difference(kind != 0, kind != 1)
        covered += interval.low <= truth <= interval.high
    assert 0.93 <= covered / trials <= 0.98


def test_identical_models_still_leave_a_doubt_that_shrinks_with_n():
    widths = []
    for n in (60, 600, 1797):
        same = measure.paired_difference(np.ones(n, bool), np.ones(n, bool))
        assert same.value == 0 and same.low < 0 < same.high
        widths.append(same.high - same.low)
    assert widths[0] > widths[1] > widths[2]
    assert widths[0] / 2 > 1 > widths[2] / 2  # con 60 no se puede asegurar «menos de un punto»; con 1797, sí


def test_order_of_the_arguments_gives_the_sign():
    better, worse = np.ones(100, bool), np.arange(100) >= 10
    assert measure.paired_difference(worse, better).value == -10
    assert measure.paired_difference(better, worse).value == 10


@pytest.mark.parametrize("bad", [[1, 0, 1], [0.5], ["sí"], None, np.ones((2, 2), bool)])
def test_hits_must_be_a_vector_of_bool(bad):
    with pytest.raises((TypeError, ValueError), match="`correct`"):
        measure.accuracy(bad)


def test_hits_of_different_lengths():
    with pytest.raises(ValueError, match="mismos ejemplos y en el mismo orden"):
        measure.paired_difference(np.ones(3, bool), np.ones(4, bool))


def test_no_hits():
    with pytest.raises(ValueError, match="vacío"):
        measure.accuracy(np.array([], bool))


def test_latency_gives_one_row_per_round_and_tells_a_slow_model_from_a_fast_one(tflites):
    times = measure.latency({"int8": tflites["int8"], "int16x8": tflites["int16x8"]}, rounds=15)
    assert times.shape == (15, 2) and (times > 0).all(axis=None)
    # 16x8 usa núcleos de referencia: es la diferencia más segura entre dos esquemas de la misma red.
    assert measure.ratio(times["int16x8"], times["int8"]).low > 1


@pytest.mark.parametrize(
    ("models", "error", "says"),
    [
        ({}, ValueError, "vacío"),
        ([b""], TypeError, "diccionario"),
        ({"a": b"hola"}, ValueError, "TFL3"),
        ({"a": None}, TypeError, "has pasado None"),
    ],
)
def test_bad_models_for_latency(models, error, says):
    with pytest.raises(error, match=says):
        measure.latency(models)


def test_bad_rounds(tflites):
    with pytest.raises(ValueError, match="`rounds` debe ser 1 o más"):
        measure.latency({"a": tflites["int8"]}, rounds=0)


def test_ratio_interval_covers_the_median_and_does_not_care_about_outliers():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(1000):
        quotients = 0.5 * np.exp(rng.normal(0, 0.2, 31))
        quotients[:3] *= 50  # tres interrupciones del sistema
        interval = measure.ratio(quotients, np.ones(31))
        covered += interval.low <= 0.5 * np.exp(0.0) <= interval.high
    assert covered / 1000 > 0.9


@pytest.mark.parametrize(
    ("candidate", "reference", "says"),
    [
        ([1.0], [1.0, 2.0], "mismas rondas"),
        ([0.0], [1.0], "mayores que cero"),
        ([np.nan], [1.0], "NaN"),
        ([], [], "vacío"),
    ],
)
def test_bad_times(candidate, reference, says):
    with pytest.raises(ValueError, match=says):
        measure.ratio(candidate, reference)


def test_memory_counts_at_least_the_file_and_grows_with_it(tflites):
    small, large = (measure.memory_kb(tflites[scheme]) for scheme in ("int8", "float32"))
    assert large > small > 0
    assert large > len(tflites["float32"]) / 1000


def test_memory_of_a_damaged_model(tflites):
    with pytest.raises(ValueError, match="truncado o dañado"):
        measure.memory_kb(tflites["int8"][:500])


def test_instruction_set_is_found_where_linux_says_so(monkeypatch):
    reads = {"flags : fpu avx512_vnni": "avx512_vnni", "Features : fp asimddp": "dotprod", "flags : fpu sse2": None}
    monkeypatch.setattr("platform.system", lambda: "Linux")
    for text, expected in reads.items():
        monkeypatch.setattr("pathlib.Path.read_text", lambda self, text=text, **_: text)
        assert measure.int8_dot_product.__wrapped__() == expected


def test_instruction_set_is_unknown_elsewhere(monkeypatch):
    monkeypatch.setattr("platform.system", lambda: "Windows")
    assert measure.int8_dot_product.__wrapped__() is None
