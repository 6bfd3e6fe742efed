"""The classifier is the described one."""

import numpy as np
import torch
from torchvision.transforms import ToTensor

from scripts.fashion_mnist.model import build, scaled


def test_model_is_the_described_one():
    model = build([256, 128, 64], 784)
    assert [type(layer).__name__ for layer in model] == ["Flatten", *["Linear", "ReLU"] * 3, "Linear"]
    assert (
        sum(p.numel() for p in model.parameters()) == 784 * 256 + 256 * 128 + 128 * 64 + 64 * 10 + 256 + 128 + 64 + 10
    )


def test_pixels_are_scaled_as_totensor_does():
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    torch.testing.assert_close(scaled(torch.from_numpy(images)), ToTensor()(images[0][:, :, None]), rtol=0, atol=0)
