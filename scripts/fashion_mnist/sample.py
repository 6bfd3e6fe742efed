"""A few test images, drawn with a seed of their own, with the reference run's ten probabilities for each."""

import numpy as np

from scripts.fashion_mnist.classes import NAMES
from scripts.shared.seeds import stream
from scripts.shared.step import numbers


def sample(probabilities: np.ndarray, labels: np.ndarray, count: int, seed: int) -> list[dict]:
    """Tabulate `count` distinct test images drawn at random, a row per image and class.

    Takes probabilities (n, 10) and labels (n,); images are numbered from 1, as the problem set does.
    """
    drawn = np.random.default_rng(stream(seed, "samples")).choice(len(labels), size=count, replace=False)
    return [
        {
            "sample": position,
            "number": int(index) + 1,
            "label": int(labels[index]),
            "predicted": int(probabilities[index].argmax()),
            "class": c,
            "name": name,
            "probability": numbers(float(probabilities[index, c])),
        }
        for position, index in enumerate(drawn, 1)
        for c, name in enumerate(NAMES)
    ]
