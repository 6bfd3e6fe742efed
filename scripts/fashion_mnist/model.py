"""The classifier: fully connected layers with ReLU between them, raw logits out."""

from itertools import pairwise

import torch
from torch import nn

from scripts.fashion_mnist.classes import CLASSES


def build(hidden: list[int], pixels: int) -> nn.Sequential:
    """Return pixels → hidden… → 10 for images (n, …) of so many pixels; torch's global generator draws the weights."""
    widths = [pixels, *hidden, CLASSES]
    layers: list[nn.Module] = [nn.Flatten()]
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def scaled(images: torch.Tensor) -> torch.Tensor:
    """Scale uint8 images of any shape to float32 in [0, 1], as ToTensor does."""
    return images.float().div_(255)
