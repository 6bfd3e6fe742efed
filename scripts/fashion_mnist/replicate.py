"""Train replicas of the reference run, with all derivatives written out.

The bias of a unit is the weight of an input that is always 1: x̃ is x with a column of ones behind it, W̃ is W with the
row of biases below it. For the n images of a batch, a row each, and layers l = 1 … L:

    forward                              backward, from l = L down to 1
    x₀   = pixels / 255                  du_L   = softmax(u_L) − y
    u_l  = x̃_l₋₁ W̃_l                     du_l₋₁ = (du_l W_lᵀ) ∘ [x_l₋₁ > 0]     for l > 1
    x_l  = max(u_l, 0)     for l < L     W̃_l    ← W̃_l − (η / n) x̃_l₋₁ᵀ du_l

where y are the one-hot labels, η is the learning rate, and du is the gradient in u of the images' cross-entropies, all
added up. A layer hands du down before its W̃ moves; its gradient and its step are one matrix product, in place.

On a CPU one replica is trained after the other: its weights and their changes just stay in a core's cache, and replicas
in one product are slower by a fifth, each. On a GPU all replicas take each step in one product: every array has an axis
for them in front. Either way a run has random streams of its own, whoever is trained beside it.
"""

import argparse
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from scripts.fashion_mnist.classes import CLASSES
from scripts.fashion_mnist.experiment import Data, epoch_row, last_batch, parser, ready, say, start
from scripts.fashion_mnist.model import scaled
from scripts.shared.step import Failure, at_least, run, write_csv, write_npz

CHUNK = 1000  # test images at once
relu_backward = torch.ops.aten.threshold_backward.grad_input  # (du, x, 0): du where x > 0, else 0


def with_biases(model: nn.Sequential) -> list[Tensor]:
    """Return the W̃ (n_in + 1, n_out) of each layer."""
    layers = [layer for layer in model if isinstance(layer, nn.Linear)]
    return [torch.cat([layer.weight.detach().T, layer.bias.detach()[None]]) for layer in layers]


def room(W: list[Tensor], n: int) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Return room for x̃ (…, n, n_in + 1), for x, which is all of x̃ but its ones, and for du (…, n, n_out), by layer."""
    inputs = [w.new_ones(*w.shape[:-2], n, w.shape[-2]) for w in W]
    return inputs, [x[..., :-1] for x in inputs], [w.new_empty(*w.shape[:-2], n, w.shape[-1]) for w in W]


def forward(W: list[Tensor], inputs: list[Tensor], x: list[Tensor], logits: Tensor) -> None:
    """Find all that follows from the pixels in x[0]: the other layers' x, and the logits (…, n, 10)."""
    for k in range(len(W) - 1):
        torch.matmul(inputs[k], W[k], out=x[k + 1]).relu_()
    torch.matmul(inputs[-1], W[-1], out=logits)


@torch.inference_mode()
def log_probabilities(W: list[Tensor], pixels: Tensor) -> Tensor:
    """Return the logarithms (…, n, 10) of the softmax outputs for scaled images (n, pixels)."""
    parts = []
    for part in pixels.split(CHUNK):
        inputs, x, du = room(W, len(part))
        x[0].copy_(part)
        forward(W, inputs, x, du[-1])
        parts.append(du[-1].log_softmax(-1))
    return torch.cat(parts, -2)


@torch.inference_mode()
def training_pass(W: list[Tensor], data: Data, orders: Tensor, batch_size: int, learning_rate: float) -> Tensor:
    """Go once through the images in `orders` (…, n), each replica in its own; the W̃ (…, n_in + 1, n_out) move.

    Returns log-probabilities (…, n, 10) in that order, as each batch had them before its own step.
    """
    y = one_hot(data.labels[orders], CLASSES).to(W[0].dtype)
    seen = torch.empty_like(y)
    add_product = torch.addmm if orders.ndim == 1 else torch.baddbmm
    transposed = [w[..., :-1, :].mT for w in W]
    batches = zip(orders.split(batch_size, -1), y.split(batch_size, -2), seen.split(batch_size, -2), strict=True)
    n = 0
    for index, target, log_p in batches:
        if index.shape[-1] != n:  # the first batch, and a last one that is short
            n = index.shape[-1]
            inputs, x, du = room(W, n)
            columns = [a.mT for a in inputs]
            pixels = data.images.new_empty(index.numel(), data.images.shape[1])
        torch.index_select(data.images, 0, index.flatten(), out=pixels)
        x[0].copy_(pixels.view_as(x[0])).div_(255)
        forward(W, inputs, x, du[-1])
        torch.log_softmax(du[-1], -1, out=log_p)
        torch.exp(log_p, out=du[-1]).sub_(target)
        for k in reversed(range(len(W))):
            if k > 0:
                torch.matmul(du[k], transposed[k], out=du[k - 1])
                relu_backward(du[k - 1], x[k], 0, grad_input=du[k - 1])
            add_product(W[k], columns[k], du[k], alpha=-learning_rate / n, out=W[k])
    return seen


def train(
    args: argparse.Namespace, numbers: Sequence[int], data: Data, test: Data
) -> Iterator[tuple[list, list, Tensor]]:
    """Train runs of these numbers together; yield each one's history, last batch and test-set probabilities (n, 10)."""
    starts = [start(args, number, data.images.shape[1]) for number in numbers]
    # One replica alone has plain matrices: these are multiplied faster than a stack of one.
    layers = zip(*(with_biases(model) for model, _ in starts), strict=True)
    W = [torch.stack(layer).squeeze(0).to(data.images.device) for layer in layers]
    x_test = scaled(test.images)
    histories = [[] for _ in numbers]
    for epoch in range(args.epochs):
        tested = log_probabilities(W, x_test)
        orders = torch.stack([torch.randperm(len(data.labels), generator=shuffle) for _, shuffle in starts])
        orders = orders.to(data.labels.device)
        trained = training_pass(W, data, orders.squeeze(0), args.batch_size, args.learning_rate)
        tested, trained = (log_p.view(len(numbers), -1, CLASSES) for log_p in (tested, trained))
        labels = data.labels[orders]
        for k, number in enumerate(numbers):
            histories[k].append(epoch_row(epoch, trained[k], labels[k], tested[k], test, args.batch_size))
            say(number, histories[k][-1], args.epochs)
    probabilities = log_probabilities(W, x_test).softmax(-1).view(len(numbers), -1, CLASSES)
    for k in range(len(numbers)):
        yield histories[k], last_batch(trained[k], labels[k], orders[k], args.batch_size), probabilities[k]


def main() -> None:
    options = parser(__doc__)
    options.add_argument(
        "--first", type=at_least(1), required=True, help="number of the first run; the others follow it"
    )
    options.add_argument("--history", nargs="+", required=True, help="CSVs to write, one per run, a row per epoch")
    options.add_argument("--last-batch", nargs="+", required=True, help="CSVs to write, as many")
    options.add_argument("--probabilities", nargs="+", required=True, help="NPZs to write: outputs on the test set")
    args = options.parse_args()
    if not len(args.history) == len(args.last_batch) == len(args.probabilities):
        raise Failure("--history, --last-batch and --probabilities have to name as many files as there are runs, each")
    data, test = ready(args)
    numbers = list(range(args.first, args.first + len(args.history)))
    together = [numbers] if data.images.is_cuda else [[number] for number in numbers]
    trained = (results for some in together for results in train(args, some, data, test))
    files = zip(args.history, args.last_batch, args.probabilities, trained, strict=True)
    for history_file, last_batch_file, probabilities_file, (history, last, probabilities) in files:
        write_csv(history_file, history)
        write_csv(last_batch_file, last)
        write_npz(probabilities_file, probabilities=probabilities.cpu().numpy())


if __name__ == "__main__":
    run(main)
