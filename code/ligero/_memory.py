"""Proceso hijo de `measure.memory_kb`: lee un `.tflite` por la entrada y escribe bytes por intérprete."""

import sys

import numpy as np
import psutil
from ai_edge_litert.interpreter import Interpreter


def _load(content: bytes) -> tuple[bytes, Interpreter]:
    own = bytes(bytearray(content))  # cada intérprete, con su copia del fichero, como en una aplicación
    runner = Interpreter(model_content=own, num_threads=1)
    runner.allocate_tensors()
    for detail in runner.get_input_details():
        runner.set_tensor(detail["index"], np.zeros(detail["shape"], detail["dtype"]))
    runner.invoke()
    return own, runner


if __name__ == "__main__":
    model = sys.stdin.buffer.read()
    copies = int(sys.argv[1])
    alive = [_load(model)]  # el primero paga lo que se comparte: bibliotecas y grupos de hilos
    before = psutil.Process().memory_info().rss
    alive += [_load(model) for _ in range(copies)]
    print((psutil.Process().memory_info().rss - before) / copies)
