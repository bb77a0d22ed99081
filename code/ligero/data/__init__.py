"""Conjuntos de datos del curso: pequeños, sembrados y sin red."""

from ligero.data.customers import Customers, customers
from ligero.data.digits import Split, digit_folds, digits
from ligero.data.kaggle import kaggle_competition
from ligero.data.pets import Pets, pets

__all__ = ["Customers", "Pets", "Split", "customers", "digit_folds", "digits", "kaggle_competition", "pets"]
