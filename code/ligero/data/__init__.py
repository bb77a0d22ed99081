"""Conjuntos de datos del curso: pequeños, sembrados y sin red."""

from ligero.data.customers import Customers, customers
from ligero.data.demand import HOLIDAYS, ZONES, Readings, demand
from ligero.data.digits import Split, digit_folds, digits
from ligero.data.kaggle import kaggle_competition
from ligero.data.pets import Pets, pets

__all__ = [
    "HOLIDAYS",
    "ZONES",
    "Customers",
    "Pets",
    "Readings",
    "Split",
    "customers",
    "demand",
    "digit_folds",
    "digits",
    "kaggle_competition",
    "pets",
]
