"""Mirar dentro de un `.tflite`: qué operadores lleva, cuánto tarda cada uno y qué permite la máquina."""
