"""TensorFlow, cargado en silencio y una sola vez para todo el paquete.

Al cargarse, TensorFlow escribe en el descriptor 2 avisos de C++ que no obedecen a ninguna variable de entorno
(«Could not find cuda drivers…»), y en Jupyter salen en rojo bajo la primera celda. No dicen nada que quien
estudia pueda arreglar, así que aquí se descartan. Los errores de Python no pasan por ahí y se ven igual.
"""

import contextlib
import os
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    saved = os.dup(2)
    try:
        with open(os.devnull, "wb") as sink:
            os.dup2(sink.fileno(), 2)
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


with _silent_stderr():
    import keras
    import tensorflow as tf
    from tensorflow.lite.python.convert import ConverterError

    tf.config.list_physical_devices()  # sin GPU, la primera consulta escribe un error de CUDA que no lo es

# El orden importa: TensorFlow vuelve a fijar el nivel de su registro mientras se carga.
tf.get_logger().setLevel("ERROR")
warnings.filterwarnings("ignore", message="Statistics for quantized inputs")
# Al exportar a ONNX, Keras pregunta por un nombre antiguo de NumPy, que avisa.
warnings.filterwarnings("ignore", message="In the future `np.object`")

__all__ = ["ConverterError", "keras", "tf"]
