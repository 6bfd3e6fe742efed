"""Numbers for plots, taken out of results."""

from fractions import Fraction

import numpy as np


def fractions(strings) -> np.ndarray:
    """Return exact numbers, written as "3/2", as floats."""
    return np.array([float(Fraction(text)) for text in strings])


def column(rows: list[dict], name: str) -> np.ndarray:
    """Return one column of a table given as rows."""
    return np.array([row[name] for row in rows], dtype=float)
