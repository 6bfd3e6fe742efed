"""What the reference run and its replicas have in common: options, data, random streams, and what is recorded.

In each epoch the test loss is measured first, with the weights as they stand; then comes the training pass, whose loss
and hits are those of each batch before its own step, while the weights move. Losses are recorded as the sum over
batches of the batch-mean cross-entropy, and as that sum divided by the batch count. Both passes hand over the
logarithms of the probabilities, a row of ten per image, and all that is recorded follows from these. So the predicted
class is the first with the largest log-probability: where float32 rounds two of them to the same, logits may still
differ.
"""

import argparse
import os

os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # CUDA's matrix products are deterministic only with this, set early

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from scripts.fashion_mnist.model import build
from scripts.shared.seeds import stream
from scripts.shared.step import Failure, at_least, reading, told


class Data(NamedTuple):
    """Images (n, pixels) as they lie in the file, uint8, and their labels (n,), int64."""

    images: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> "Data":
        """Return the same on a device."""
        return Data(*(part.to(device) for part in self))


def parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of the options that say what is trained, and on what."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", required=True, help="NPZ of the dataset")
    options.add_argument("--seed", type=at_least(0), required=True)
    options.add_argument("--hidden", type=at_least(1), nargs="*", required=True, help="widths of the hidden layers")
    options.add_argument("--batch-size", type=at_least(1), required=True)
    options.add_argument("--learning-rate", type=float, required=True)
    options.add_argument("--epochs", type=at_least(1), required=True)
    options.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    return options


def ready(args: argparse.Namespace) -> tuple[Data, Data]:
    """Let torch give the same bits again on one machine; return training and test data on the device asked for.

    "auto" is CUDA where there is one; a Failure where "cuda" is missing or takes no data.
    """
    if args.device == "cuda" and not torch.cuda.is_available():
        raise Failure("fashion_mnist.device is cuda, but no CUDA device is there; set it to auto or cpu")
    device = torch.device("cuda" if args.device != "cpu" and torch.cuda.is_available() else "cpu")
    torch.set_num_threads(1)
    with reading(args.data), np.load(args.data) as arrays:
        train, test = (
            Data(
                torch.from_numpy(arrays[f"{part}_images"]).flatten(1), torch.from_numpy(arrays[f"{part}_labels"]).long()
            )
            for part in ("train", "test")
        )
    try:
        train, test = train.to(device), test.to(device)
    except torch.AcceleratorError as error:
        if told(error):
            raise
        why = str(error).partition("\n")[0]
        raise Failure(f"the CUDA device takes no data ({why}); set fashion_mnist.device to cpu, or free it") from error
    if device.type == "cuda":  # on a CPU one thread always adds in the same order, and this takes a second to import
        torch.use_deterministic_algorithms(True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # nothing reads what was not written
    return train, test


def start(args: argparse.Namespace, run: int, pixels: int) -> tuple[nn.Sequential, torch.Generator]:
    """Return the initial model of a run and what will shuffle its images; each run has random streams of its own."""
    seed = stream(args.seed, f"run {run}")
    torch.manual_seed(stream(seed, "initial weights"))
    return build(args.hidden, pixels), torch.Generator().manual_seed(stream(seed, "shuffling"))


def sum_of_means(log_p: Tensor, labels: Tensor, batch_size: int) -> float:
    """Return the sum over batches of the batch-mean cross-entropy (nats) of log-probabilities (n, 10)."""
    share = torch.full((len(labels),), 1 / batch_size, dtype=torch.float64, device=labels.device)
    if rest := len(labels) % batch_size:
        share[-rest:] = 1 / rest
    return float(-log_p.gather(1, labels[:, None])[:, 0].double() @ share)


def epoch_row(epoch: int, trained: Tensor, labels: Tensor, tested: Tensor, test: Data, batch_size: int) -> dict:
    """Return a row of the history: the epoch's number from 0, the losses of both passes, and hits while training.

    Takes log-probabilities (n, 10) of the training pass with labels (n,) in its order, and those of the test images.
    """
    sums = {"train": sum_of_means(trained, labels, batch_size), "test": sum_of_means(tested, test.labels, batch_size)}
    counts = {"train": -(-len(labels) // batch_size), "test": -(-len(test.labels) // batch_size)}
    return {
        "epoch": epoch,
        **{f"{part}_sum": value for part, value in sums.items()},
        **{f"{part}_mean": value / counts[part] for part, value in sums.items()},
        "train_correct": int((trained.argmax(1) == labels).sum()),
    }


def last_batch(log_p: Tensor, labels: Tensor, order: Tensor, batch_size: int) -> list[dict]:
    """Tabulate the last batch of a training pass, a row per image: the images as predicted before the batch's own step.

    log_p (n, 10) and labels (n,) lie in the order (n,) of the pass.
    """
    last = order.split(batch_size)[-1].tolist()
    rows = zip(last, labels[-len(last) :].tolist(), log_p[-len(last) :].argmax(1).tolist(), strict=True)
    return [
        {"position": position, "index": index, "label": label, "predicted": predicted}
        for position, (index, label, predicted) in enumerate(rows, 1)
    ]


def say(run: int, row: dict, epochs: int) -> None:
    """Print how far a run has come."""
    print(
        f"fashion_mnist run {run}: epoch {row['epoch'] + 1}/{epochs}, test loss {row['test_mean']:.4f}, "
        f"then training loss {row['train_mean']:.4f}",
        flush=True,
    )
