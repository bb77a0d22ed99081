"""`ligero`: la pequeña biblioteca del curso «Modelos ligeros: del cuaderno al edge».

Los módulos forman una tubería, y cada uno importa solo de los anteriores::

    data → models → convert → runtime → measure → report, plots → claims → exercises
"""

import os

# TensorFlow lee estas variables al cargarse. Nivel 2: los errores pasan, lo demás calla.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

__version__ = "0.1.0"
