"""Train the classifier once, as the problem set describes, and record each epoch.

In each epoch the test loss is measured first, with the weights as they stand; then comes the
training pass, whose loss and hits are accumulated while the weights move. Losses are recorded as
the sum over batches of the batch-mean cross-entropy, and as that sum divided by the batch count.
Run 0 is the reference; further runs repeat the procedure with random streams of their own.
"""

import argparse
import os

os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # CUDA's matrix products are deterministic only with this, set early

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file
from torch import nn

from scripts.fashion_mnist.model import as_tensor, build, optimizer
from scripts.shared.seeds import stream
from scripts.shared.step import Failure, run, whole, write_csv, write_npz


def pick_device(name: str) -> torch.device:
    """Return the device for "auto" (CUDA where there is one), "cpu" or "cuda"; a Failure where that is missing."""
    if name == "cuda" and not torch.cuda.is_available():
        raise Failure("fashion_mnist.device is cuda, but no CUDA device is there; set it to auto or cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


@torch.inference_mode()
def loss_on(model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int) -> float:
    """Return the sum over batches, in file order, of the batch-mean cross-entropy (nats)."""
    criterion = nn.CrossEntropyLoss()
    batches = zip(images.split(batch_size), labels.split(batch_size), strict=True)
    return sum(criterion(model(x), y).item() for x, y in batches)


def training_pass(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    order: torch.Tensor,
    batch_size: int,
    learning_rate: float,
) -> tuple[float, int, pd.DataFrame]:
    """Go once through images (n, 1, h, w) and labels (n,) in `order` (n,), one SGD step per batch.

    Returns the sum of the batch-mean losses, the number classified right on the way, and the last batch
    as a table (position, index, label, predicted), each predicted before its batch's own step.
    """
    criterion = nn.CrossEntropyLoss()
    descent = optimizer(model, learning_rate)
    loss_sum, correct = 0.0, torch.zeros((), dtype=torch.int64, device=images.device)
    for index in order.split(batch_size):
        target = labels[index]
        logits = model(images[index])
        loss = criterion(logits, target)
        descent.zero_grad()
        loss.backward()
        descent.step()
        predicted = logits.argmax(dim=1)
        loss_sum += loss.item()
        correct += (predicted == target).sum()
    last = pd.DataFrame({"index": index.cpu(), "label": target.cpu(), "predicted": predicted.cpu()})
    last.insert(0, "position", range(1, len(last) + 1))
    return loss_sum, int(correct), last


def train(arrays: dict[str, np.ndarray], args: argparse.Namespace) -> tuple[nn.Module, pd.DataFrame, pd.DataFrame]:
    """Return the trained model, the history (one row per epoch) and the last batch of the last epoch."""
    device = pick_device(args.device)
    seed = stream(args.seed, f"run {args.run}")
    torch.manual_seed(stream(seed, "initial weights"))
    shuffle = torch.Generator().manual_seed(stream(seed, "shuffling"))
    model = build(args.hidden, arrays["train_images"][0].size).to(device)
    images, test_images = (as_tensor(arrays[f"{part}_images"]).to(device) for part in ("train", "test"))
    labels, test_labels = (torch.from_numpy(arrays[f"{part}_labels"]).long().to(device) for part in ("train", "test"))
    train_batches, test_batches = (-(-len(y) // args.batch_size) for y in (labels, test_labels))
    rows = []
    for epoch in range(args.epochs):
        test_sum = loss_on(model, test_images, test_labels, args.batch_size)
        order = torch.randperm(len(labels), generator=shuffle).to(device)
        train_sum, correct, last = training_pass(model, images, labels, order, args.batch_size, args.learning_rate)
        rows.append((epoch, train_sum, test_sum, train_sum / train_batches, test_sum / test_batches, correct))
        print(
            f"fashion_mnist run {args.run}: epoch {epoch + 1}/{args.epochs}, "
            f"test loss {test_sum / test_batches:.4f}, then training loss {train_sum / train_batches:.4f}",
            flush=True,
        )
    columns = ["epoch", "train_sum", "test_sum", "train_mean", "test_mean", "train_correct"]
    return model, pd.DataFrame(rows, columns=columns), last


@torch.inference_mode()
def probabilities(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return the softmax probabilities (n, 10), float32, of uint8 images (n, height, width)."""
    device = next(model.parameters()).device
    return torch.cat([model(x.to(device)).softmax(dim=1).cpu() for x in as_tensor(images).split(1000)]).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="NPZ of the dataset")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--run", type=int, default=0, help="number of the repetition; picks its random streams")
    parser.add_argument("--hidden", type=int, nargs="+", required=True, help="widths of the hidden layers")
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--history", required=True, help="CSV to write, a row per epoch")
    parser.add_argument("--weights", required=True, help="safetensors file to write")
    parser.add_argument("--last-batch", required=True, help="CSV to write")
    parser.add_argument("--probabilities", required=True, help="NPZ to write, softmax outputs on the test set")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    with np.load(args.data) as data:
        arrays = dict(data)
    model, history, last = train(arrays, args)
    write_csv(args.history, history)
    write_csv(args.last_batch, last)
    write_npz(args.probabilities, probabilities=probabilities(model, arrays["test_images"]))
    with whole(args.weights) as part:
        save_file({name: value.cpu() for name, value in model.state_dict().items()}, part)


if __name__ == "__main__":
    run(main)
