"""The classifier: fully connected layers with ReLU between them, raw logits out."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn

CLASSES = 10
NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


def build(hidden: list[int], pixels: int) -> nn.Sequential:
    """Return pixels → hidden… → 10 for images (n, 1, height, width); torch's global generator draws the weights."""
    widths = [pixels, *hidden, CLASSES]
    layers: list[nn.Module] = [nn.Flatten()]
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def as_tensor(images: np.ndarray) -> torch.Tensor:
    """Scale uint8 images (n, height, width) to float32 (n, 1, height, width) in [0, 1], as ToTensor does."""
    return torch.from_numpy(images).unsqueeze(1).float().div(255)


def optimizer(model: nn.Module, learning_rate: float) -> torch.optim.SGD:
    """Plain stochastic gradient descent: no momentum, no weight decay."""
    return torch.optim.SGD(model.parameters(), lr=learning_rate)
