"""Sum up the described training: its replicas, the range of its functions, and what sample by sample costs.

Per ensemble and epoch: mean, standard deviation and extremes of the hits on the test set. Costs are counted, not timed:
a sample-by-sample program writes every weight once per image, one with batches once per batch.
"""

import argparse

import numpy as np
import pandas as pd

from scripts.mnist.network import sigmoid, softmax
from scripts.shared.ranges import expanded
from scripts.shared.step import at_least, read_json, reading, run, write_json

EXTREME = 1e300  # inputs up to this size must leave sigmoid and softmax finite


def by_epoch(replicas: pd.DataFrame, count: int) -> list[dict]:
    """Sum up replicas (replica, epoch, correct, loss) judged on `count` images, per epoch."""
    return [
        {
            "epoch": int(epoch),
            "replicas": len(group),
            "mean": float(group["correct"].mean()),
            "sd": float(group["correct"].std()),
            "least": int(group["correct"].min()),
            "most": int(group["correct"].max()),
            "mean_accuracy": float(group["correct"].mean() / count),
        }
        for epoch, group in replicas.groupby("epoch")
    ]


def is_stable() -> bool:
    """Tell whether sigmoid and softmax give finite values in [0, 1] for inputs up to ±EXTREME."""
    u = np.array([[-EXTREME, -1.0, 0.0, 1.0, EXTREME]])
    with np.errstate(all="raise", under="ignore"):
        outputs = np.concatenate([sigmoid(u), softmax(u)])
    return bool(((outputs >= 0) & (outputs <= 1)).all())


def costs(images: int, batch_size: int) -> dict:
    """Count the updates of an epoch of `images`, one by one and in batches, and the ratio of the bytes written.

    Sample by sample every weight is a float64, in batches a float32.
    """
    batches = -(-images // batch_size)
    return {
        "updates_per_epoch": images,
        "batches_per_epoch": batches,
        "weight_traffic_ratio": images * np.float64().nbytes / (batches * np.float32().nbytes),
    }


def table(path: str) -> pd.DataFrame:
    """Return a CSV file of our own making."""
    with reading(path):
        return pd.read_csv(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", nargs="+", required=True, help="CSV files, named …/ENSEMBLE/BATCH.csv")
    parser.add_argument("--history", required=True, help="CSV of the reference run")
    parser.add_argument("--dataset", required=True, help="JSON that sums up the dataset")
    parser.add_argument(
        "--compared-batch-size", type=at_least(1), required=True, help="of the program to compare costs with"
    )
    parser.add_argument("--output", required=True, help="JSON to write")
    args = parser.parse_args()
    history = table(args.history)
    count = int(history["count"].iloc[0])
    tables: dict[str, list[pd.DataFrame]] = {}
    for file in expanded(args.replicas):
        tables.setdefault(file.split("/")[-2], []).append(table(file))
    ensembles = {name: by_epoch(pd.concat(parts), count) for name, parts in tables.items()}
    write_json(
        args.output,
        {
            "ensembles": ensembles,
            "accuracy_before": float(history["accuracy"].iloc[0]),
            "mean_accuracy": ensembles["ulp"][-1]["mean_accuracy"],
            "stable": is_stable(),
            **costs(read_json(args.dataset)["train"]["count"], args.compared_batch_size),
        },
    )


if __name__ == "__main__":
    run(main)
