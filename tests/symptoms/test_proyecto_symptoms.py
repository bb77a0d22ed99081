"""Los síntomas literales de `proyecto`: se provocan, y el texto de la tabla es el que sale."""

import shutil

import numpy as np
import pytest

from ligero import project
from ligero._tensorflow import tf


@pytest.fixture(scope="module")
def exam():
    return project.draw_exam([b"sintomas"], images=100)


def said(content, exam):
    evaluation = project.evaluate_submission(content, exam=exam)
    return " ".join([*evaluation.findings, evaluation.lines[0].why]).replace("`", "")


def as_tflite(work, shape=(1, project.SIDE, project.SIDE, 3), ops=()):
    function = tf.function(work, input_signature=[tf.TensorSpec(shape, tf.float32)]).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], tf.Module())
    if ops:
        converter.target_spec.supported_ops = ops
    return converter.convert()


def always_cat(x):
    return tf.constant([[1.0, 0.0]]) + 0.0 * tf.reduce_sum(x)


def test_a_web_page(exam, symptoms):
    found = said(b"<html>404</html>", exam).split("; al descargarlo", 1)
    assert len(found) == 2 and found[0] in symptoms("proyecto")


def test_another_scale(exam, symptoms):
    """Una regla que solo sirve con los píxeles de 0 a 255, y un examen que se aprueba con ella."""
    marked = project.Exam(0, exam.images.copy(), exam.labels)
    marked.images[:] = 40 + 160 * exam.labels[:, None, None, None].astype(np.uint8)
    found = said(as_tflite(lambda x: tf.stack([[100.0 - tf.reduce_mean(x), tf.reduce_mean(x) - 100.0]])), marked)
    start = found.split("acertaría el", 1)
    assert len(start) == 2 and f"{start[0]}acertaría el …" in symptoms("proyecto")


def test_always_the_same(exam, symptoms):
    assert said(as_tflite(always_cat), exam) in symptoms("proyecto")


def test_another_size(exam, symptoms):
    found = said(as_tflite(always_cat, shape=(1, 32, 32, 3)), exam).split("examinar. ", 1)[-1].split(" Mete", 1)
    assert len(found) == 2 and found[0] in symptoms("proyecto")


def test_channels_first(exam, symptoms):
    content = as_tflite(always_cat, shape=(1, 3, project.SIDE, project.SIDE))
    found = said(content, exam).split("examinar. ", 1)[-1].split(":", 1)
    assert len(found) == 2 and found[0] in symptoms("proyecto")


def test_operators_of_tensorflow(exam, symptoms):
    def spelled(x):
        return always_cat(x) + tf.cast(tf.strings.length(tf.strings.as_string(tf.reduce_sum(x))), tf.float32)

    content = as_tflite(spelled, ops=[tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS])
    found = said(content, exam).split("examinar. ", 1)[-1].split(":", 1)
    assert len(found) == 2 and found[0] in symptoms("proyecto")


def test_it_closes_suddenly(exam, symptoms, monkeypatch):
    """El cierre se provoca matando al hijo: qué fichero lo consigue depende de la versión de LiteRT."""
    monkeypatch.setattr("ligero.project.submission.sys.executable", shutil.which("false"))
    found = said(as_tflite(always_cat), exam).split(":", 1)
    assert len(found) == 2 and found[0] in symptoms("proyecto")


def test_it_knows_the_answers(exam, symptoms):
    split = project.public()
    table, labels = split.x_test[:, ::8, ::8, 0].reshape(600, -1), np.eye(2, dtype=np.float32)[split.y_test]

    def index(x):
        far = tf.reduce_sum(tf.abs(tf.reshape(x[:, ::8, ::8, 0], (1, -1)) - table), axis=1)
        return tf.gather(labels, [tf.argmin(far)])

    found = said(as_tflite(index), exam).split("diferencia. ", 1)
    assert len(found) == 2 and found[1].split(".", 1)[0] + "." in symptoms("proyecto")
