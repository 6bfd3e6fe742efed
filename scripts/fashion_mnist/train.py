"""Train the classifier once, as the problem set describes, and record each epoch: the reference run, number 0.

PyTorch finds the gradients. `scripts.fashion_mnist.replicate` repeats the procedure with random streams of its own; a
sweep trains by this step, with other hyperparameters, and asks for nothing but the course of the training.
"""

import argparse
from collections.abc import Callable
from typing import NamedTuple

import torch
from safetensors.torch import save
from torch import Tensor, nn

from scripts.fashion_mnist.experiment import Data, epoch_row, last_batch, parser, ready, say, start, sum_of_means
from scripts.fashion_mnist.model import scaled
from scripts.shared.step import run, whole, write_csv, write_npz

PIXELS = {"scaled": scaled, "raw": torch.Tensor.float}  # from 0 to 1, as the source has them, or to 255


class Trained(NamedTuple):
    """The model; a row per epoch of the history and of the course; the last batch of the last epoch."""

    model: nn.Module
    history: list[dict]
    last_batch: list[dict]
    course: list[dict]


@torch.inference_mode()
def log_probabilities(model: nn.Module, x: Tensor) -> Tensor:
    """Return the logarithms (n, 10) of the softmax outputs for scaled images x (n, pixels)."""
    return torch.cat([model(part).log_softmax(1) for part in x.split(1000)])


def training_pass(
    model: nn.Module,
    data: Data,
    order: Tensor,
    batch_size: int,
    learning_rate: float,
    inputs: Callable[[Tensor], Tensor] = scaled,
) -> Tensor:
    """Go once through the images in `order` (n,), one step of gradient descent per batch; `inputs` takes their pixels.

    Returns log-probabilities (n, 10) in that order, as each batch had them before its own step.
    """
    criterion = nn.CrossEntropyLoss()
    seen = []
    for index in order.split(batch_size):
        logits = model(inputs(data.images.index_select(0, index)))
        loss = criterion(logits, data.labels[index])
        model.zero_grad()
        loss.backward()
        # As torch.optim.SGD does; that takes a second to import what it needs for more.
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.sub_(parameter.grad, alpha=learning_rate)
        seen.append(logits.detach())
    return torch.cat(seen).log_softmax(1)


def judged(epoch: int, log_p: Tensor, labels: Tensor, train_loss: float | None) -> dict:
    """Return a row of the course: what log-probabilities (n, 10) of the test images say after so many epochs.

    train_loss: the mean over the batches of the epoch before, None for the untrained network; the test loss is the mean
    over the images, which no batch size changes. Both in nats.
    """
    correct = int((log_p.argmax(1) == labels).sum())
    return {
        "epoch": epoch,
        "train_loss": train_loss,
        "test_loss": sum_of_means(log_p, labels, len(labels)),
        "correct": correct,
        "count": len(labels),
        "accuracy": correct / len(labels),
    }


def train(args: argparse.Namespace, train: Data, test: Data) -> Trained:
    """Train run 0."""
    inputs = PIXELS[args.pixels]
    model, shuffle = start(args, 0, train.images.shape[1])
    model = model.to(train.images.device)
    x_test = inputs(test.images)
    history, course, loss = [], [], None
    for epoch in range(args.epochs):
        tested = log_probabilities(model, x_test)
        course.append(judged(epoch, tested, test.labels, loss))
        order = torch.randperm(len(train.labels), generator=shuffle).to(train.labels.device)
        trained = training_pass(model, train, order, args.batch_size, args.learning_rate, inputs)
        labels = train.labels[order]
        history.append(epoch_row(epoch, trained, labels, tested, test, args.batch_size))
        loss = history[-1]["train_mean"]
        say(0, history[-1], args.epochs)
    course.append(judged(args.epochs, log_probabilities(model, x_test), test.labels, loss))
    return Trained(model, history, last_batch(trained, labels, order, args.batch_size), course)


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--pixels", choices=list(PIXELS), default="scaled")
    options.add_argument("--history", help="CSV to write, a row per epoch")
    options.add_argument("--weights", help="safetensors file to write")
    options.add_argument("--last-batch", help="CSV to write")
    options.add_argument("--probabilities", help="NPZ to write, softmax outputs on the test set")
    options.add_argument("--course", help="CSV to write, the test set before training and after each epoch")
    args = options.parse_args()
    data, test = ready(args)
    model, *tables = train(args, data, test)
    for path, table in zip((args.history, args.last_batch, args.course), tables, strict=True):
        if path:
            write_csv(path, table)
    if args.probabilities:
        outputs = log_probabilities(model, PIXELS[args.pixels](test.images)).softmax(1)
        write_npz(args.probabilities, probabilities=outputs.cpu().numpy())
    if args.weights:
        with whole(args.weights) as part:
            part.write_bytes(save({name: value.cpu() for name, value in model.state_dict().items()}))


if __name__ == "__main__":
    run(main)
