"""How a replica starts: its initial parameters, its order of training images and its procedure."""

from typing import NamedTuple

import numpy as np

from scripts.mnist.ensembles import DESCRIPTIONS, WRONG
from scripts.mnist.kernel import Procedure
from scripts.mnist.network import Parameters, initial
from scripts.shared.seeds import stream

SPACING = 1024  # ulps between the starts of two replicas


class Start(NamedTuple):
    """Where a replica starts: initial parameters, the order of the training images, and the procedure."""

    parameters: Parameters
    order: np.ndarray
    procedure: Procedure


def start(name: str, replica: int, images: np.ndarray, widths: list[int], seed: int, learning_rate: float) -> Start:
    """Set up replica number `replica` (from 1) of the ensemble `name` on uint8 images (n, height, width).

    All ensembles but "seeds" keep the stated seed and tell their replicas apart by whole ulps in one weight; that is
    enough, since the training is chaotic. They are SPACING ulps apart, since single ones may be lost again when the
    weight is first updated. Raises KeyError for an unknown name.
    """
    if name not in DESCRIPTIONS:
        raise KeyError(name)
    procedure = Procedure(learning_rate, **(WRONG[name][1] if name in WRONG else {}))
    order = np.arange(len(images))
    if name == "seeds":
        return Start(initial(widths, stream(seed, f"replica {replica}")), order, procedure)
    p = initial(widths, seed)
    if name == "initial-variance":
        for weights in (p.W1, p.W2, p.W3):
            weights *= np.sqrt(max(weights.shape) / min(weights.shape))
    if name == "reshuffled":
        order = np.random.default_rng(stream(seed, f"order {replica}")).permutation(order)
    # Two thirds down the pixels that the first image uses: the weight is live from the first step on.
    in_use = np.flatnonzero(images[order[0]])
    live = in_use[2 * len(in_use) // 3] if len(in_use) else 0
    p.W1[live, 0] += SPACING * replica * np.spacing(p.W1[live, 0])
    return Start(p, order, procedure)
