"""Los síntomas literales de `destilacion`: se provocan, y el texto de la tabla es el que sale."""

import numpy as np
import pytest
import tf_keras

from ligero._tensorflow import keras, tf

LOGITS = np.random.default_rng(0).normal(0, 5, (50, 10)).astype(np.float32)


def small(library=keras, outputs=10):
    return library.Sequential([library.layers.Input((4,)), library.layers.Dense(outputs)])


def distiller(teacher, student):
    return keras.distillation.Distiller(teacher, student, keras.distillation.LogitsDistillation(temperature=4.0))


def bits(probabilities):
    return float(np.mean(-np.sum(probabilities * np.log2(probabilities + 1e-12), axis=-1)))


def test_softmax_twice_leaves_nothing_to_learn(symptoms):
    once, twice = (tf.nn.softmax(each / 4).numpy() for each in (LOGITS, tf.nn.softmax(LOGITS).numpy()))
    assert bits(once) < 3 and bits(twice) > 3.3  # log2(10) = 3.32: la respuesta de quien no sabe nada
    assert np.allclose(twice, 0.1, atol=0.03)
    assert "vuelve a aplicarla: a $T = 4$ sus respuestas son casi iguales" in symptoms("destilacion")


def test_a_label_that_is_missing(symptoms):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[-1], logits=LOGITS[:1])
    said = "Received a label value of -1 which is outside the valid range of [0, 10)."
    assert said in str(caught.value) and said in symptoms("destilacion")
    assert not tf.one_hot([-1], 10).numpy().any()


def test_other_classes(symptoms):
    with pytest.raises(ValueError) as caught:
        distiller(small(), small(outputs=5))
    assert f"ValueError: {caught.value}" in symptoms("destilacion")


def test_a_student_of_the_other_keras(symptoms):
    with pytest.raises(ValueError) as caught:
        distiller(small(), small(tf_keras))
    assert f"ValueError: {caught.value}" in symptoms("destilacion")


def test_only_an_object_gets_the_softmax(symptoms):
    def losses(loss):
        distillation = keras.distillation.LogitsDistillation(temperature=4.0, loss=loss)
        return [float(distillation.compute_loss(LOGITS[i : i + 1], 2 * LOGITS[i : i + 1])) for i in range(len(LOGITS))]

    assert min(losses("kl_divergence")) < 0  # una divergencia entre probabilidades nunca lo es
    assert min(losses(keras.losses.KLDivergence())) > 0
    assert "da pérdidas negativas" in symptoms("destilacion")


def test_without_the_factor_the_teacher_fades(symptoms):
    def norm(temperature, factor):
        student = tf.Variable(LOGITS[::-1].copy())
        with tf.GradientTape() as tape:
            target = tf.nn.softmax(LOGITS / temperature)
            loss = factor * tf.nn.softmax_cross_entropy_with_logits(target, student / temperature)
        return float(tf.reduce_mean(tf.norm(tape.gradient(loss, student), axis=-1)))

    assert norm(32, 1) < norm(4, 1) / 20 < norm(32, 32**2) / 20 * 2
    assert "Falta el factor $T^2$" in symptoms("destilacion")


def test_the_teacher_stays_frozen(symptoms):
    teacher = small()
    distiller(teacher, small())
    assert teacher.trainable_variables == []
    assert "no tiene variables entrenables" in symptoms("destilacion")
    teacher.trainable = True
    assert len(teacher.trainable_variables) == 2
