"""Los síntomas literales de `vinculacion`: se provocan, y el texto de la tabla es el que sale."""

import sqlite3
import threading

import numpy as np
import pandas as pd
import pytest


def test_merge_asof_refuses_what_is_unsorted_or_in_other_units(symptoms):
    hours = pd.date_range("2023-01-01", periods=3, freq="h", unit="ns")
    right = pd.DataFrame({"t": hours, "zone": "sur", "value": 1.0})
    with pytest.raises(ValueError) as unsorted:
        pd.merge_asof(right[::-1], right, on="t", by="zone")
    with pytest.raises(pd.errors.MergeError) as units:
        pd.merge_asof(right, right.assign(t=right["t"].astype("datetime64[us]")), on="t", by="zone")
    assert f"ValueError: {unsorted.value}" in symptoms("vinculacion")
    assert f"MergeError: {units.value}" in symptoms("vinculacion")


def test_what_sqlite_does_with_dates_integers_of_numpy_threads_and_empty_paths(symptoms):
    store = sqlite3.connect(":memory:")
    store.execute("CREATE TABLE t (hour INTEGER)")
    store.execute("INSERT INTO t VALUES (5)")
    query = "SELECT * FROM t WHERE hour = ?"
    assert store.execute(query, (np.int64(5),)).fetchall() == [] != store.execute(query, (5,)).fetchall()
    with pytest.raises(sqlite3.Error) as date:
        store.execute(query, (pd.Timestamp("2023-01-01"),))
    assert f"{date.type.__name__}: {date.value}" in symptoms("vinculacion")
    said = []

    def from_another_thread():
        try:
            store.execute(query, (5,))
        except sqlite3.ProgrammingError as error:
            said.append(f"ProgrammingError: {error}".split(" The object")[0])

    (other := threading.Thread(target=from_another_thread)).start()
    other.join()
    assert said[0] in symptoms("vinculacion")
    empty = sqlite3.connect("file:?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as absent:
        empty.execute("SELECT value FROM readings")
    assert f"OperationalError: {absent.value}" in symptoms("vinculacion")
    store.close()
    empty.close()
