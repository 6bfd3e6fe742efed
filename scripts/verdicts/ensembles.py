"""Ensembles as matrices: a row per replica, a column per value, and how a stated row is tested against them.

The item of a problem set says which replicas a stated value is to be held against:
table: CSV files as a glob, one per replica; or `replica`: the column that tells the replicas in them apart.
columns: name → column of the table; every row of a replica gives a value, called by the name and its entry under `row`.
agreeing: in place of columns, name → two of them; the value is in how many of a replica's rows they agree.
out_of: name → pointer to what a count is out of; without one, a column holds real numbers.
arrays: in place of a table, arrays (samples, classes) of probabilities, of which a question shows a sample.
scale: on which replicas spread evenly; test: by which of TESTS a stated row is judged.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from scripts.shared.step import Failure
from scripts.verdicts.curves import course_test, summaries
from scripts.verdicts.results import Absent, Results
from scripts.verdicts.statistics import Outcome, count_test, ensemble_test, image_test, surprise

CALIBRATED = 1_000_000  # (replica, sample) pairs by which a test of samples is calibrated, at most
OVERFLOWED = 1e6  # what a value counts as that is no finite number


class Ensemble(NamedTuple):
    """`values` (runs, columns) on the test's scale; `names` of the columns; `scale` takes a raw value there.

    sizes: per column, what it is a count out of; None for a real number.
    judge: takes values, the stated row (columns,) and alpha; summaries: what it looks at, if not the values.
    """

    values: np.ndarray
    names: list[str]
    scale: Callable[[np.ndarray], np.ndarray]
    unscale: Callable[[np.ndarray], np.ndarray]
    source: str
    sizes: list[int | None]
    judge: Callable[[np.ndarray, np.ndarray, float], Outcome]
    summaries: tuple[str, ...] = ()
    whole: float | None = None  # what the raw values add up to, if they are parts of a whole
    parts: tuple[str, ...] = ()  # the part of the answer that each column belongs to, if there are several


def raw(ensemble: Ensemble, values: np.ndarray) -> np.ndarray:
    """Return values (…, columns) as they are printed: no count falls below 0 or goes beyond what it is out of."""
    low = [-np.inf if size is None else 0 for size in ensemble.sizes]
    high = [np.inf if size is None else size for size in ensemble.sizes]
    return np.clip(ensemble.unscale(values), low, high)


def nearest(ensemble: Ensemble, printed: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Return the values (columns,), on the test's scale, that may have been printed so and lie closest to the middle:
    rounding, by `half` at most, is given to the answer. Parts of a whole add up to it, as far as rounding lets them."""
    low, high = printed - half, printed + half
    values = np.clip(raw(ensemble, np.median(ensemble.values, axis=0)), low, high)
    if ensemble.whole:
        missing = ensemble.whole - values.sum()
        room = (high if missing > 0 else np.maximum(low, 0)) - values
        values += room * min(max(missing / room.sum(), 0), 1) if room.any() else 0
    return ensemble.scale(values)


# Scales


def identity(values: np.ndarray) -> np.ndarray:
    """Leave values as they are."""
    return values


def log_odds(p: np.ndarray) -> np.ndarray:
    """Natural log-odds of probabilities, kept finite at 0 and 1 by the smallest float32 probability."""
    tiny = np.finfo(np.float32).tiny
    return np.log(np.maximum(p, tiny)) - np.log(np.maximum(1 - p, tiny))


def share(odds: np.ndarray) -> np.ndarray:
    """Return the probabilities of natural log-odds."""
    return 1 / (1 + np.exp(-odds))


SCALES = {"identity": (identity, identity), "logarithm": (np.log, np.exp), "log-odds": (log_odds, share)}


# Tests of a table's rows


def each_value(values: np.ndarray, stated: np.ndarray, alpha: float) -> Outcome:
    """Test all values as they are."""
    return ensemble_test(np.vstack([values, stated]), alpha)


def counted(size: int, values: np.ndarray, stated: np.ndarray, alpha: float) -> Outcome:
    """Test a single count out of `size`."""
    return count_test(values[:, 0], size, stated[0])


TESTS = {"each": None, "course": 2, "count": 1}  # how many columns each takes, if not any


# Tables


def load(described: dict, results: Results, rows: int | None = None) -> Ensemble:
    """Return the ensemble of a table: of each column one value, or its first `rows` (default: all there are).

    Raises Failure for a table that is missing, or is not as described.
    """
    pattern = described["table"]
    replicas = list(_replicas(described, results).values())
    if not replicas:
        raise Failure(f"{results.root}/{pattern} names no file; run the workflow first, or correct the item's ensemble")
    try:
        if "agreeing" in described:
            names = list(described["agreeing"])
            values = [[_agreeing(replica, *pair) for pair in described["agreeing"].values()] for replica in replicas]
            sizes, belongs = [len(replicas[0])] * len(names), names
        else:
            taken = range(min(rows or len(replicas[0]), len(replicas[0])))
            columns = [(name, column, i) for name, column in described["columns"].items() for i in taken]
            values = [[replica[i][column] for _, column, i in columns] for replica in replicas]
            row = described.get("row", "")
            places = [f"{row} {one[row] if row else i}".strip() for i, one in enumerate(replicas[0])]
            names = [f"{name} {places[i]}" if row or len(taken) > 1 else name for name, _, i in columns]
            belongs = [name for name, *_ in columns]
            whole = {name: results[pointer] for name, pointer in described.get("out_of", {}).items()}
            sizes = [whole.get(name) for name, *_ in columns]
    except (KeyError, IndexError) as error:
        raise Failure(f"{results.root}/{pattern} has no {error}; correct the item's ensemble") from None
    test = described.get("test", "each")
    parts = described.get("agreeing") or described["columns"]
    if TESTS[test] not in (None, len(parts)):
        raise Failure(f"the test {test!r} takes {TESTS[test]} columns, not {', '.join(parts)}; correct the ensemble")
    scale, unscale = SCALES[described.get("scale", "identity")]
    values = scale(np.nan_to_num(np.array(values, dtype=float), nan=OVERFLOWED, posinf=OVERFLOWED))
    judge = {"each": each_value, "course": course_test, "count": partial(counted, sizes[0])}[test]
    told = summaries(len(names) // 2) if test == "course" else ()
    return Ensemble(values, names, scale, unscale, _folder(pattern), sizes, judge, told, parts=tuple(belongs))


def _replicas(described: dict, results: Results) -> dict[object, list[dict]]:
    """Return the rows of each replica."""
    found: dict[object, list[dict]] = {}
    for file in results.matching(described["table"]):
        for row in results[file]:
            found.setdefault(row[described["replica"]] if "replica" in described else file, []).append(row)
    return found


def _agreeing(replica: list[dict], one: str, other: str) -> int:
    return sum(row[one] == row[other] for row in replica)


def _folder(pattern: str) -> str:
    return pattern.partition("*")[0].rpartition("/")[0]


# Samples of arrays


def sample(described: dict, results: Results, index: int) -> Ensemble:
    """Return the probabilities of sample `index` (from 0) as log-odds; Failure if there are no such arrays."""
    arrays = described["arrays"]
    values = log_odds(all_probabilities(arrays, results)[:, index].astype(float))
    names = [f"class {c}" for c in range(values.shape[1])]

    def judge(values: np.ndarray, stated: np.ndarray, alpha: float) -> Outcome:
        pooled = np.vstack([values, stated])
        if len(pooled) >= 1 / alpha:
            return ensemble_test(pooled, alpha)
        return image_test(pooled, _calibration(arrays, results), alpha)

    return Ensemble(values, names, log_odds, share, _folder(arrays), [None] * len(names), judge, whole=1.0)


def all_probabilities(arrays: str, results: Results) -> np.ndarray:
    """Return what all replicas say of all samples: (replicas, samples, classes)."""
    pattern, _, key = arrays.partition("#")
    files = results.matching(pattern)
    if not files:
        raise Failure(f"{results.root}/{pattern} names no file; run the workflow first, or correct the item's ensemble")
    found = [results[f"{file}#{key}"] for file in files]  # looked up each time, so that they count as used
    return _stacked(arrays, results, len(found))


@lru_cache(maxsize=2)
def _stacked(arrays: str, results: Results, replicas: int) -> np.ndarray:
    pattern, _, key = arrays.partition("#")
    found = np.stack([results[f"{file}#{key}"] for file in results.matching(pattern)])
    if not np.isfinite(found).all():
        raise Absent(f"Runs among {pattern} diverged: what they say of an image are no numbers")
    return found


def sampled(probabilities: np.ndarray) -> np.ndarray:
    """Return log-odds (replicas, samples, classes) of as many samples as a calibration takes, evenly spread."""
    replicas, samples, _ = probabilities.shape
    return log_odds(probabilities[:, :: -(-replicas * samples // CALIBRATED)].astype(float))


@lru_cache(maxsize=2)
def _calibration(arrays: str, results: Results) -> np.ndarray:
    return surprise(sampled(all_probabilities(arrays, results)).transpose(1, 0, 2)).T
