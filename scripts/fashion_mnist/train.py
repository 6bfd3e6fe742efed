"""Train the classifier once, as the problem set describes, and record each epoch: the reference run, number 0.

PyTorch finds the gradients. `scripts.fashion_mnist.replicate` repeats the procedure with random streams of its own.
"""

import argparse

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from scripts.fashion_mnist.experiment import Data, epoch_row, last_batch, parser, ready, say, start
from scripts.fashion_mnist.model import scaled
from scripts.shared.step import run, whole, write_csv, write_npz


@torch.inference_mode()
def log_probabilities(model: nn.Module, x: Tensor) -> Tensor:
    """Return the logarithms (n, 10) of the softmax outputs for scaled images x (n, pixels)."""
    return torch.cat([model(part).log_softmax(1) for part in x.split(1000)])


def training_pass(model: nn.Module, data: Data, order: Tensor, batch_size: int, learning_rate: float) -> Tensor:
    """Go once through the images in `order` (n,), one step of gradient descent per batch.

    Returns log-probabilities (n, 10) in that order, as each batch had them before its own step.
    """
    criterion = nn.CrossEntropyLoss()
    seen = []
    for index in order.split(batch_size):
        logits = model(scaled(data.images.index_select(0, index)))
        loss = criterion(logits, data.labels[index])
        model.zero_grad()
        loss.backward()
        # As torch.optim.SGD does; that takes a second to import what it needs for more.
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.sub_(parameter.grad, alpha=learning_rate)
        seen.append(logits.detach())
    return torch.cat(seen).log_softmax(1)


def train(args: argparse.Namespace, train: Data, test: Data) -> tuple[nn.Module, list[dict], list[dict]]:
    """Return the trained model, the history (a row per epoch) and the last batch of the last epoch."""
    model, shuffle = start(args, 0, train.images.shape[1])
    model = model.to(train.images.device)
    x_test = scaled(test.images)
    history = []
    for epoch in range(args.epochs):
        tested = log_probabilities(model, x_test)
        order = torch.randperm(len(train.labels), generator=shuffle).to(train.labels.device)
        trained = training_pass(model, train, order, args.batch_size, args.learning_rate)
        labels = train.labels[order]
        history.append(epoch_row(epoch, trained, labels, tested, test, args.batch_size))
        say(0, history[-1], args.epochs)
    return model, history, last_batch(trained, labels, order, args.batch_size)


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--history", required=True, help="CSV to write, a row per epoch")
    options.add_argument("--weights", required=True, help="safetensors file to write")
    options.add_argument("--last-batch", required=True, help="CSV to write")
    options.add_argument("--probabilities", required=True, help="NPZ to write, softmax outputs on the test set")
    args = options.parse_args()
    data, test = ready(args)
    model, history, last = train(args, data, test)
    write_csv(args.history, history)
    write_csv(args.last_batch, last)
    write_npz(args.probabilities, probabilities=log_probabilities(model, scaled(test.images)).softmax(1).cpu().numpy())
    with whole(args.weights) as part:
        save_file({name: value.cpu() for name, value in model.state_dict().items()}, part)


if __name__ == "__main__":
    run(main)
