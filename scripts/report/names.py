"""Names of all figures, without matplotlib, so that the workflow can list the files."""

FIGURES = (
    "l1-fit",
    "l1-descent",
    "dataset-1-stated",
    "dataset-1-corrected",
    "dataset-2-stated",
    "dataset-2-corrected",
    "network-forward",
    "network-backward",
    "fashion-losses",
    "calibration",
    "backpropagation",
    "mnist-classes",
    "mnist-accuracy",
    "divergence",
    "replicas",
)


def figures(samples: int) -> list[str]:
    """Name every figure of a report with so many sample images."""
    return [*FIGURES, *(f"sample-{k}" for k in range(1, samples + 1))]
