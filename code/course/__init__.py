"""Herramientas del libro: no se distribuyen con `ligero` y ningún cuaderno las usa."""
