"""Training and test loss by epoch, tested as two curves: by a few summaries that are fixed beforehand.

The epochs' losses move together, and a few replicas cannot tell how: so levels, jumps and spikes are tested in their
place, all of them logarithms.
"""

from functools import lru_cache

import numpy as np

from scripts.verdicts.statistics import Outcome, ensemble_test

WINDOW = 5  # epochs over which a spread is pooled

# What a table of losses is tested by, fixed beforehand: the name, how many epochs it takes, and whether only large
# values speak against a table. Levels are means of logarithms, of test losses, which may spike, their median; the
# others are logarithms of the largest deviation from the replicas, in units of their spread: of the training loss from
# an even course, of the test loss from its own level.
SUMMARIES = (
    ("early training loss", 1, False),
    ("late training loss", 1, False),
    ("late test loss", 1, False),
    ("test loss before training", 1, False),
    ("largest jump of the training loss", 3, True),
    ("highest test loss beside the others", 3, True),
    ("lowest test loss beside the others", 3, True),
)


def course_test(values: np.ndarray, stated: np.ndarray, alpha: float) -> Outcome:
    """Test logarithms of losses (columns,), training before test, by their summaries."""
    pooled = np.vstack([values, stated])
    if len(pooled) >= 1 / alpha:
        rows = each_summarised(pooled)
    else:
        # Few replicas are compared with each other alone, lest the stated table blunt the measure that it is tested by.
        rows = np.array([*_among_themselves(values.tobytes(), values.shape[1]), summarised(values, stated)])
    epochs = values.shape[1] // 2
    upper = np.array([up for _, least, up in SUMMARIES if epochs >= least])
    return ensemble_test(rows, alpha, upper)


@lru_cache(maxsize=128)
def _among_themselves(values: bytes, columns: int) -> list[np.ndarray]:
    """Return each replica's SUMMARIES as seen from the others: the same for every table that is held against them."""
    replicas = np.frombuffer(values).reshape(-1, columns)
    return [summarised(np.delete(replicas, k, axis=0), row) for k, row in enumerate(replicas)]


def summaries(epochs: int) -> tuple[str, ...]:
    """Name what so many epochs are tested by."""
    return tuple(name for name, least, _ in SUMMARIES if epochs >= least)


def summarised(others: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return the SUMMARIES of one run's logarithms of losses (columns,), as seen from others (runs, columns)."""
    (train, test), (trains, tests) = np.split(row, 2), np.split(others, 2, axis=1)
    epochs = len(train)
    early, late = slice(max(1, epochs // 4)), slice(epochs // 2, None)
    levels = [train[early].mean(), train[late].mean(), np.median(test[late]), test[0]]
    if epochs < 3:
        return np.array(levels)
    jumps = deviations(np.diff(trains, 2), np.diff(train, 2))
    swings = deviations(_levelled(tests[:, 1:]), _levelled(test[1:]))
    return np.array([*levels, *np.log(np.maximum([abs(jumps).max(), swings.max(), -swings.min()], 1e-3))])


def deviations(others: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return how far a row (epochs,) lies from the mean of others (runs, epochs), in units of their pooled spread."""
    variance = others.var(axis=0, ddof=1) if len(others) > 1 else np.ones(len(row))
    near = np.ones(min(WINDOW, len(row)))
    pooled = np.convolve(variance, near, "same") / np.convolve(np.ones(len(row)), near, "same")
    return (row - others.mean(axis=0)) / np.sqrt(np.maximum(pooled, 1e-30) * (1 + 1 / len(others)))


def each_summarised(rows: np.ndarray) -> np.ndarray:
    """Return the SUMMARIES (runs, …) of each of many rows (runs, columns) as seen from all others, at once."""
    train, test = np.split(rows, 2, axis=1)
    epochs = train.shape[1]
    early, late = slice(max(1, epochs // 4)), slice(epochs // 2, None)
    levels = [train[:, early].mean(axis=1), train[:, late].mean(axis=1), np.median(test[:, late], axis=1), test[:, 0]]
    if epochs < 3:
        return np.stack(levels, axis=1)
    jumps, swings = _each_deviates(np.diff(train, 2)), _each_deviates(_levelled(test[:, 1:]))
    extremes = [abs(jumps).max(axis=1), swings.max(axis=1), -swings.min(axis=1)]
    return np.stack([*levels, *np.log(np.maximum(extremes, 1e-3))], axis=1)


def _each_deviates(rows: np.ndarray) -> np.ndarray:
    """Return the `deviations` of each of many rows (runs, epochs) from all others."""
    runs, epochs = rows.shape
    others = runs - 1
    gap = rows - rows.mean(axis=0)
    # What is left of mean and variance without a row: the mean moves by −gap / others.
    variance = np.maximum((gap**2).sum(axis=0) - gap**2 * runs / others, 0) / (others - 1)
    near = np.ones(min(WINDOW, epochs))
    window = np.array([np.convolve(one, near, "same") for one in np.eye(epochs)])
    pooled = variance @ window / window.sum(axis=0)
    return gap * runs / others / np.sqrt(np.maximum(pooled, 1e-30) * (1 + 1 / others))


def _levelled(rows: np.ndarray) -> np.ndarray:
    return rows - rows.mean(axis=-1, keepdims=True)
