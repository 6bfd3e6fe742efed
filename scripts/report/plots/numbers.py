"""Numbers for plots, taken out of results."""

from fractions import Fraction

import numpy as np

from scripts.verdicts.printed import value


def fractions(strings) -> np.ndarray:
    """Return exact numbers, written as "3/2", as floats."""
    return np.array([float(Fraction(text)) for text in strings])


def stated(evidence: dict, kind: str, most: float) -> np.ndarray:
    """Return the stated values judged under names such as "train 0" or "train no. 1" for the kind "train", in order.

    One below 0 or above `most`, which no plot could show beside the others, is NaN.
    """
    texts = {entry.get("name", entry.get("place")): entry["stated"] for entry in evidence.get("values", [])}
    found = np.array([float(value(text)) for name, text in texts.items() if name.startswith(f"{kind} ")])
    return np.where((found >= 0) & (found <= most), found, np.nan)


def column(rows: list[dict], name: str) -> np.ndarray:
    """Return one column of a table given as rows, with NaN where nothing stands."""
    return np.array([np.nan if row[name] == "" else row[name] for row in rows], dtype=float)
