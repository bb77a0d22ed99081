"""Conjuntos de datos del curso: pequeños, sembrados y sin red."""

from ligero.data.digits import Split, digit_folds, digits

__all__ = ["Split", "digit_folds", "digits"]
