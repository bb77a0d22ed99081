import numpy as np
import pytest

from ligero import data


def test_digits_are_the_real_ones():
    x, y = data.digits()
    assert x.shape == (1797, 8, 8, 1) and x.dtype == np.float32
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert set(np.unique(x * 16)) == set(range(17))


def test_every_digit_is_tested_exactly_once_and_never_seen_in_training():
    x, _ = data.digits()
    tested = []
    for split in data.digit_folds(4, seed=3):
        seen = {image.tobytes() for image in split.x_train}
        assert len(split.x_train) + len(split.x_test) == len(x)
        # Hay imágenes repetidas en el conjunto original: se cuentan posiciones, no contenidos.
        assert len(seen) <= len(split.x_train)
        tested += [image.tobytes() for image in split.x_test]
    assert sorted(tested) == sorted(image.tobytes() for image in x)


def test_folds_depend_on_the_seed_and_on_nothing_else():
    first, again, other = (next(data.digit_folds(3, seed=s)).x_test for s in (0, 0, 1))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("folds", "error", "says"),
    [
        (1, ValueError, "entre 2 y 10"),
        (11, ValueError, "entre 2 y 10"),
        (0, ValueError, "1 o más"),
        ("3", TypeError, "`folds` debe ser un entero"),
        (2.0, TypeError, "`folds` debe ser un entero"),
        (True, TypeError, "`folds` debe ser un entero"),
        (None, TypeError, "has pasado None"),
    ],
)
def test_bad_folds(folds, error, says):
    with pytest.raises(error, match=says):
        next(data.digit_folds(folds))
