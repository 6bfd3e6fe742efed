"""Test-set figures that both image classifiers are judged by."""

import numpy as np


def evaluate(probabilities: np.ndarray, labels: np.ndarray) -> dict:
    """Judge class probabilities (n, classes) against labels (n,).

    Returns the mean cross-entropy in nats, the hits, the confusion matrix (rows: true class, columns:
    predicted class) and, per class, support, precision, recall and F1; a ratio without cases is None.
    """
    count, classes = probabilities.shape
    predicted = probabilities.argmax(axis=1)
    confusion = np.zeros((classes, classes), dtype=int)
    np.add.at(confusion, (labels, predicted), 1)
    correct = int(np.trace(confusion))
    chosen = probabilities[np.arange(count), labels].astype(np.float64)
    with np.errstate(divide="ignore"):
        loss = float(-np.log(chosen).mean())
    return {
        "loss": loss if np.isfinite(loss) else None,
        "correct": correct,
        "count": count,
        "accuracy": correct / count,
        "confusion": confusion.tolist(),
        "classes": [_one_class(confusion, c) for c in range(classes)],
    }


def _one_class(confusion: np.ndarray, c: int) -> dict:
    hits, support, predicted = int(confusion[c, c]), int(confusion[c].sum()), int(confusion[:, c].sum())
    return {
        "label": c,
        "support": support,
        "predicted": predicted,
        "hits": hits,
        "precision": hits / predicted if predicted else None,
        "recall": hits / support if support else None,
        "f1": 2 * hits / (support + predicted) if support + predicted else None,
    }
