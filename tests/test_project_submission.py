"""El tribunal del proyecto: lo que cada cual entrega recibe lo que merece, y nada cierra el cuaderno."""

import dataclasses
import gzip
import os
import subprocess
import sys
import zipfile

import numpy as np
import psutil
import pytest

from ligero import convert, models, project
from ligero._tensorflow import keras, tf
from ligero.project import grading, submission

SHAPE = (project.SIDE, project.SIDE, 3)


def graph(work, shape=(1, *SHAPE), dtype=tf.float32, *, ops=(), custom=False, network=None, **state):
    """Convierte `work(x)`, o `work(x, **variables)` si lleva estado."""

    class Module(tf.Module):
        def __init__(self):
            self.state = {name: tf.Variable(value) for name, value in state.items()}
            self.kept = [variable.value for variable in network.variables] if network else []

        @tf.function(input_signature=[tf.TensorSpec(shape, dtype)])
        def call(self, x):
            return work(x, **self.state)

    module = Module()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.call.get_concrete_function()], module)
    converter.allow_custom_ops = custom
    if ops:
        converter.target_spec.supported_ops = ops
    return converter.convert()


def constant(x):
    return tf.constant([[1.0, 0.0]]) + 0.0 * tf.reduce_sum(x)


@pytest.fixture(scope="module")
def exam():
    return project.draw_exam([b"las pruebas"], images=200)


@pytest.fixture(scope="module")
def honest():
    """Una red pequeña de verdad, que espera fotos de 0 a 1."""
    split = project.public()
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Input(SHAPE), keras.layers.AveragePooling2D(2)]
    for filters in (8, 12, 16):
        layers += [
            keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
            keras.layers.MaxPooling2D(),
        ]
    network = keras.Sequential([*layers, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)])
    return models.train(network, split.x_train, split.y_train, epochs=10)


@pytest.fixture(scope="module")
def int8(honest):
    return convert.convert(honest, "int8", project.public().x_train[::12])


@pytest.fixture(scope="module")
def graded(int8, exam):
    return project.evaluate_submission(int8, name="honrada", exam=exam)


def why(evaluation, name="exactitud"):
    return next(line.why for line in evaluation.lines if line.name == name)


# ---- el examen ----


def test_the_exam_depends_on_every_submission_and_on_the_salt_but_not_on_the_order():
    first, again = (project.draw_exam(pair, images=100) for pair in ([b"a", b"b"], [b"b", b"a"]))
    assert first.seed == again.seed and (first.images == again.images).all() and (first.labels == again.labels).all()
    others = [
        project.draw_exam(*arguments, images=100, salt=salt)
        for *arguments, salt in ([[b"a"], ""], [[b"a", b"b"], "sal"])
    ]
    assert len({first.seed, *(exam.seed for exam in others)}) == 3
    assert all((first.images != exam.images).any() for exam in others)


def test_the_exam_is_balanced_shuffled_and_shares_no_photo_with_the_public_ones(exam):
    assert exam.labels.mean() == 0.5 and exam.images.dtype == np.uint8 and exam.images.shape == (200, *SHAPE)
    assert 60 < np.abs(np.diff(exam.labels)).sum() < 140, "barajadas, y no por turnos"
    known = {
        image.tobytes()
        for part in (project.public().x_train, project.public().x_test)
        for image in (255 * part).round().astype(np.uint8)
    }
    assert len(known) == 1800 and not known & {image.tobytes() for image in exam.images}


def test_the_exam_looks_like_the_public_photos(exam):
    """Si no, se mediría otra cosa."""
    x, fresh = project.public().x_test, exam.images / 255
    assert abs(x.mean() - fresh.mean()) < 0.03 and abs(x.std() - fresh.std()) < 0.02


@pytest.mark.parametrize(
    ("arguments", "options", "error", "says"),
    [
        ([[]], {}, ValueError, "una lista con una entrega o más"),
        ([b"sin lista"], {}, ValueError, "una lista con una entrega o más"),
        ([["ruta.tflite"]], {}, TypeError, "en bytes"),
        ([[b"a"]], {"images": 50}, ValueError, "100 o más"),
        ([[b"a"]], {"images": "mil"}, TypeError, "`images` debe ser un entero"),
    ],
)
def test_a_bad_exam_is_explained(arguments, options, error, says):
    with pytest.raises(error, match=says):
        project.draw_exam(*arguments, **options)


# ---- lo que no es un modelo ----


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "está vacío"),
        (b"<!DOCTYPE html><html>404</html>", "página web"),
        (b"\n  <html></html>", "página web"),
        (b"PK\x03\x04resto", "es un zip"),
        (gzip.compress(b"hola"), "gzip"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS"),
        (b"cualquier cosa", "TFL3"),
        (bytes(4_000_001), "Ocupa más de"),
        (None, "esto es un NoneType"),
        (3.5, "esto es un float"),
        (["a"], "esto es un list"),
        ("no/existe.tflite", "No hay ningún fichero «existe.tflite»"),
    ],
)
def test_what_is_not_a_model_gets_a_zero_with_its_remedy(content, says):
    evaluation = project.evaluate_submission(content)
    assert evaluation.grade == 0 and not evaluation.within_budget and says in why(evaluation, "contrato")
    assert "contrato" in evaluation._repr_markdown_()


def test_a_keras_model_a_folder_and_a_huge_file_are_explained(honest, tmp_path):
    assert "Conviértelo antes" in why(project.evaluate_submission(honest), "contrato")
    assert "es una carpeta" in why(project.evaluate_submission(tmp_path), "contrato")
    assert "no se puede leer" in why(project.evaluate_submission("a" * 5000), "contrato")
    with zipfile.ZipFile(tmp_path / "red.tflite", "w") as file:
        file.writestr("a", "b")
    assert "es un zip" in why(project.evaluate_submission(tmp_path / "red.tflite"), "contrato")
    with open(tmp_path / "enorme.tflite", "wb") as file:
        file.truncate(10**10)  # disperso: no ocupa disco, y leerlo llenaría la memoria
    assert "Ocupa más de" in why(project.evaluate_submission(tmp_path / "enorme.tflite"), "contrato")


def test_a_damaged_file_never_closes_this_process(int8, exam):
    """Cortado o con bytes cambiados: a veces LiteRT lo explica y a veces se cierra de golpe."""
    rng, refused = np.random.default_rng(0), 0
    for fraction in (0.01, 0.3, 0.7, 0.95):
        evaluation = project.evaluate_submission(int8[: int(fraction * len(int8))], exam=exam)
        assert evaluation.grade == 0
        refused += evaluation.lines[0].name == "contrato"
    for _ in range(4):
        broken = bytearray(int8)
        for position in rng.integers(8, len(broken), 60):
            broken[position] ^= 0xFF
        project.evaluate_submission(bytes(broken), exam=exam)
    assert refused == 4


# ---- lo que no cumple el contrato ----

TWO_INPUTS = keras.Model(
    ins := [keras.layers.Input(SHAPE), keras.layers.Input(SHAPE)],
    keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(keras.layers.Add()(ins))),
)


def flat(x):
    return tf.reduce_mean(x, axis=(1, 2, 3))


def spelled(x):
    return constant(x) + tf.cast(tf.strings.length(tf.strings.as_string(flat(x))), tf.float32)


def decomposed(x):
    return constant(x) + tf.reduce_sum(tf.linalg.svd(x[0, :, :, 0], compute_uv=False))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: graph(constant, (1, 32, 32, 3)), "Su entrada es (1, 32, 32, 3). Mete el cambio en la red"),
        (lambda: graph(constant, (1, *SHAPE[:2], 1)), "Su entrada es (1, 48, 48, 1)"),
        (lambda: graph(constant, (1, 3, *SHAPE[:2])), "Los canales van al final"),
        (lambda: graph(lambda x: constant(x) + x[:, 0, 0, :1], (8, *SHAPE)), "El lote va fijo"),
        (lambda: graph(lambda x: constant(tf.cast(x, tf.float32)), dtype=tf.uint8), "de tipo uint8 y sin escala"),
        (lambda: graph(lambda x: tf.zeros((1, 1000)) + flat(x)), "Da 1000 valores por foto"),
        (lambda: graph(lambda x: constant(x)[:, :0]), "Su salida está vacía"),
        (lambda: graph(lambda x: tf.constant([["gato", "perro"]])), "de tipo object"),
        (lambda: graph(lambda x: (constant(x), constant(x))), "1 entradas y 2 salidas"),
        (lambda: convert.convert(TWO_INPUTS, "float32"), "2 entradas y 1 salidas"),
        (lambda: graph(spelled, ops=[tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]), "`SELECT_TF_OPS`"),
        (lambda: graph(decomposed, custom=True), "`allow_custom_ops`"),
    ],
    ids=[
        *("lado", "gris", "canales primero", "lote fijo", "enteros sin escala", "mil clases", "nada", "textos"),
        *("dos salidas", "dos entradas", "operadores de TensorFlow", "operador propio"),
    ],
)
def test_a_broken_contract_is_explained(make, says, exam):
    evaluation = project.evaluate_submission(make(), exam=exam)
    assert evaluation.grade == 0 and says in why(evaluation, "contrato"), evaluation


def test_an_endless_model_is_stopped(exam):
    def endless(x):
        return (
            constant(x) + tf.while_loop(lambda n: n > -1.0, lambda n: tf.math.abs(n) + 0.0, [tf.reduce_sum(x) * 0])[0]
        )

    evaluation = project.evaluate_submission(graph(endless), exam=exam, seconds=4)
    assert evaluation.grade == 0 and "No ha terminado en 4 s" in why(evaluation, "contrato")
    assert not psutil.Process().children(recursive=True), "el proceso del examen sigue vivo"


def test_a_model_that_wants_all_the_memory_is_stopped(exam):
    def greedy(x):
        return constant(x) + tf.reduce_max(tf.tile(x[:, 0, :1, :1], (1, 30_000, 30_000)))  # 3.6 GB

    evaluation = project.evaluate_submission(graph(greedy), exam=exam)
    assert evaluation.grade == 0 and "memoria" in why(evaluation, "contrato"), evaluation


# ---- lo que hace la gente ----


def test_an_honest_network_gets_its_mark_line_by_line(graded, int8, exam):
    assert not graded.findings and [line.name for line in graded.lines] == ["exactitud", "tamaño", "latencia"]
    e, t, latency = (line.score for line in graded.lines)
    assert graded.grade == pytest.approx(e * (0.4 + 0.03 * (t + latency)))
    assert graded.measures["bytes"] == len(int8) and 70 < graded.measures["accuracy"] < 100
    assert "fotos que no existían" in why(graded)


@pytest.mark.parametrize(
    ("work", "says"),
    [
        (constant, "Responde «gato» al 100.0 %"),
        (lambda x: 1.0 - constant(x), "Responde «perro» al 100.0 %"),
        (lambda x: constant(x) * float("nan"), "En el 100.0 % de las fotos responde NaN"),
    ],
    ids=["siempre gato", "siempre perro", "nan"],
)
def test_an_answer_that_does_not_look_is_worth_nothing_however_small(work, says, exam):
    evaluation = project.evaluate_submission(graph(work), exam=exam)
    assert evaluation.grade == 0 and says in why(evaluation)
    assert evaluation.lines[1].score == 10, "y eso que ocupa poquísimo"


def scaled(network, gain, shift):
    """La misma red, para quien alimenta con otra escala: `x_red = (x - shift) / gain`."""
    inputs = keras.layers.Input(SHAPE)
    return keras.Model(inputs, network(keras.layers.Rescaling(1 / gain, -shift / gain)(inputs)))


@pytest.mark.parametrize(
    ("gain", "shift", "says"), [(255, 0, "de 0 a 255"), (2, -1, "de −1 a 1"), (255, -128, "de −128 a 127")]
)
def test_a_wrong_input_range_is_named_and_scored_as_submitted(gain, shift, says, honest, graded, exam):
    evaluation = project.evaluate_submission(convert.convert(scaled(honest, gain, shift), "float32"), exam=exam)
    assert f"Con los píxeles {says}" in why(evaluation)
    assert evaluation.measures["accuracy"] < graded.measures["accuracy"] - 5


def test_swapped_classes_are_named(honest, exam):
    swapped = keras.Model(honest.inputs, honest.outputs[0][:, ::-1])
    evaluation = project.evaluate_submission(convert.convert(swapped, "float32"), exam=exam)
    assert evaluation.grade == 0 and "¿están cambiadas las clases?" in why(evaluation)


def test_one_output_counts_as_two(honest, exam):
    """Probabilidad, logit y entera: la misma red, con los mismos aciertos."""
    margin = keras.layers.Dense(1, use_bias=False, kernel_initializer=lambda shape, dtype=None: [[-1.0], [1.0]])
    logit = margin(honest.outputs[0])
    heads = [honest.outputs[0], logit, keras.layers.Activation("sigmoid")(logit)]
    found = {
        project.evaluate_submission(convert.convert(keras.Model(honest.inputs, head), "float32"), exam=exam).measures[
            "accuracy"
        ]
        for head in heads
    }
    assert len(found) == 1
    quantized = convert.convert(keras.Model(honest.inputs, heads[2]), "int8", project.public().x_train[::12])
    assert abs(project.evaluate_submission(quantized, exam=exam).measures["accuracy"] - found.pop()) < 5


def uint8_ends(network):
    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([x[None]] for x in project.public().x_train[::12])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    return converter.convert()


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs")
def test_every_scheme_and_every_shape_of_the_answer_is_examined(honest, graded, exam):
    """Rara no es mala: la misma red, en cada formato que cumple el contrato, acierta casi lo mismo."""
    samples = project.public().x_train[::12]
    odd = {scheme: convert.convert(honest, scheme) for scheme in ("float32", "float16", "dynamic")}
    odd["int16x8"], odd["uint8"] = convert.convert(honest, "int16x8", samples), uint8_ends(honest)
    odd["lote dinámico"] = graph(honest, (None, *SHAPE), network=honest)
    heads = {
        "un vector": lambda y: y[0],
        "cuatro ejes": lambda y: y[:, None, None],
        "la clase": lambda y: tf.argmax(y, axis=1),
        "softmax": tf.nn.softmax,
        "un sí o un no": lambda y: y[:, 0] < y[:, 1],
    }
    odd |= {name: graph(lambda x, head=head: head(honest(x)), network=honest) for name, head in heads.items()}
    for name, content in odd.items():
        evaluation = project.evaluate_submission(content, exam=exam)
        assert not evaluation.findings, name
        assert abs(evaluation.measures["accuracy"] - graded.measures["accuracy"]) <= 3, name


def memorizer(images, labels):
    """Guarda una huella de cada foto y su etiqueta: acierta todas y no ha visto ninguna."""
    key = np.random.default_rng(0).normal(size=(1, 6, 6, 3)).astype(np.float32)

    def fingerprint(x):
        return tf.reduce_sum(x[:, ::8, ::8, :] * key, axis=(1, 2, 3))

    table, answers = fingerprint(images).numpy(), tf.one_hot(labels, 2)
    return graph(lambda x: tf.gather(answers, tf.argmin(tf.abs(fingerprint(x)[:, None] - table), axis=1)))


def test_who_trained_on_an_exam_finds_another_one(exam):
    """Saberse un examen entero solo sirve en ese, y el de una entrega no existe hasta que se entrega."""
    content = memorizer(exam.images.astype(np.float32) / 255, exam.labels)
    assert project.evaluate_submission(content, exam=exam).measures["accuracy"] > 95, "esto valdría un examen fijo"
    fresh = project.draw_exam([content], images=200)
    assert project.evaluate_submission(content, exam=fresh).grade == 0


def test_who_memorized_the_public_photos_is_found_out(exam):
    split = project.public()
    evaluation = project.evaluate_submission(memorizer(split.x_test, split.y_test), exam=exam)
    assert evaluation.measures["public"] > 95 and evaluation.grade == 0
    assert "Se sabe las respuestas, no la materia" in evaluation.findings[0]
    assert "Trampa" in evaluation._repr_markdown_()


def test_who_counts_the_photos_is_found_out():
    """Las públicas vienen ordenadas: la primera mitad, gatos. En el examen no sirve, y además se nota."""

    def counter(x, calls):
        n = calls.assign_add(1.0)
        return tf.stack([[150.0 - n, n - 150.0]]) + 0.0 * tf.reduce_sum(x)

    for size in (200, 600):  # con 600, no cambia de respuesta hasta pasadas las fotos que se repiten
        longer = project.draw_exam([b"largo"], images=size)
        evaluation = project.evaluate_submission(graph(counter, calls=150.0 - size / 2), exam=longer)
        assert evaluation.grade <= project.CAP and "en otro orden" in " ".join(evaluation.findings), size


def test_who_answers_anything_once_the_clock_runs_is_found_out(exam):
    """Trabaja en el examen y, pasadas mil fotos, contesta sin mirar: parecería rapidísima."""

    def tired(x, calls):
        def work():
            bright = tf.reduce_mean(tf.nn.conv2d(x, tf.ones((5, 5, 3, 4)) / 75, 1, "SAME"))
            return tf.stack([[0.45, bright]])

        return tf.cond(calls.assign_add(1.0) > 1000.0, lambda: tf.constant([[1.0, 0.0]]), work)

    findings = project.evaluate_submission(graph(tired, calls=0.0), exam=exam).findings
    assert len(findings) == 1 and "con el reloj en marcha" in findings[0]


def test_who_looks_at_a_corner_is_found_out(int8):
    """Un examen con marcas: hecho a propósito, porque los de verdad no las llevan."""
    marked = project.draw_exam([b"con marcas"], images=200)
    marked.images[:, 0, 0] = 255 * marked.labels[:, None]
    evaluation = project.evaluate_submission(
        graph(lambda x: tf.stack([1 - x[:, 0, 0, 0], x[:, 0, 0, 0]], axis=1)), exam=marked
    )
    assert evaluation.grade <= project.CAP and "esquinas" in " ".join(evaluation.findings)
    assert not project.evaluate_submission(int8, exam=marked).findings, "la honrada no mira ahí"


# ---- la nota ----


def fake(exam, hits, *, public=None, again=None, ms=(1.0, 2.0)):
    """Un parte de examen con los aciertos que se pidan."""
    rng = np.random.default_rng(0)

    def answers(labels, rate):
        wrong = np.zeros(len(labels), bool)
        wrong[rng.permutation(len(labels))[: round((1 - rate) * len(labels))]] = True
        return np.eye(2)[np.where(wrong, 1 - labels, labels)]

    given = answers(exam.labels, hits)
    some = given[: grading.CHECKED]
    asked = np.arange(106) % len(some)
    return {
        "asked": asked,
        "timed": given[asked],
        "exam": given,
        "public": answers(project.public().y_test[::2], hits if public is None else public),
        "covered": some,
        "again": given[-grading.CHECKED :],
        "scaled": np.stack([some] * 3),
        "ms": np.tile(ms, (21, 1)),
    }


@pytest.fixture(scope="module")
def long_exam():
    """Aquí las respuestas se inventan: no hacen falta las fotos."""
    return project.Exam(0, np.zeros((1000, 1, 1, 3), np.uint8), np.random.default_rng(0).permutation(1000) % 2)


def test_the_marks_of_the_rubric(long_exam):
    for key, marks in project.RUBRIC.items():
        assert [grading.score(mark, marks) for mark in marks] == [10, 5, 0], key
        assert grading.score((marks[0] + marks[1]) / 2, marks) == pytest.approx(7.5)
        assert grading.score(2 * marks[0] - marks[1], marks) == 10, "más no suma"


def test_small_and_fast_is_worth_nothing_without_accuracy(long_exam):
    grades = [
        grading.grade("x", b"0000TFL3" + bytes(5000), long_exam, fake(long_exam, h, ms=(0.05, 1.0))).grade
        for h in (0.5, 0.7, 0.85, 0.95)
    ]
    assert grades[0] == 0 and grades == sorted(grades) and grades[-1] > 9


def test_a_small_gap_is_not_an_accusation_and_a_wide_one_is(long_exam):
    def findings(public):
        return grading.grade("x", b"0000TFL3" + bytes(9000), long_exam, fake(long_exam, 0.88, public=public)).findings

    assert not findings(0.88) and not findings(0.93) and not findings(0.80)
    assert findings(1.0)


def test_a_mark_in_the_table_goes_where_it_should(graded, exam):
    cheat = dataclasses.replace(graded, name="trampa", grade=0.5, findings=("x",))
    graded = dataclasses.replace(graded, grade=5.0)
    best = dataclasses.replace(graded, name="otra", grade=9.9)
    refused = project.evaluate_submission(b"nada")
    table = graded.table([cheat, best, refused])
    assert table["entrega"].tolist() == ["otra", "honrada", "trampa", "tu entrega"]
    assert table["trampa"].tolist() == [False, False, True, False] and not table["cumple"].iloc[-1]


def test_the_same_submission_gets_the_same_mark_with_every_core_taken(int8, graded, exam):
    rivals = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
    try:
        again = project.evaluate_submission(int8, exam=exam)
    finally:
        for rival in rivals:
            rival.kill()
            rival.wait()
    assert again.measures["accuracy"] == graded.measures["accuracy"] and abs(again.grade - graded.grade) <= 0.3


def test_nothing_is_left_behind(int8, exam, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    project.evaluate_submission(int8, exam=exam)
    assert not list(tmp_path.iterdir()) and not psutil.Process().children(recursive=True)


def test_the_solutions_never_reach_the_child(int8, exam, monkeypatch):
    given = {}
    monkeypatch.setattr(submission.np, "savez", lambda path, **arrays: given.update(arrays))
    assert "refused" in submission._sit(int8, exam, 30.0), "sin examen no hay parte"
    assert set(given) == {"exam", "public"} and not any(np.array_equal(a, exam.labels) for a in given.values())
