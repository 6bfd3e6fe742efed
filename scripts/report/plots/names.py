"""Names of all figures, without matplotlib, so that the workflow can list the files."""

SHARED = (
    "l1-fit",
    "l1-descent",
    "dataset-1-corrected",
    "dataset-2-corrected",
    "network-forward",
    "network-backward",
    "calibration",
    "backpropagation",
    "mnist-classes",
    "divergence",
)
# Those that show an answer, each with the claim that it comes from.
ANSWERED = {
    "dataset-1-stated": "p3a-1",
    "dataset-2-stated": "p3a-2",
    "fashion-losses": "f7",
    "mnist-accuracy": "m6",
    "replicas": "m6",
}


def shared(samples: int) -> list[str]:
    """Name every figure that does not depend on answers, with so many sample images."""
    return [*SHARED, *(f"sample-{k}" for k in range(1, samples + 1))]
