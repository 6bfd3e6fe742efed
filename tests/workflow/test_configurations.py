"""Legal configurations end in a report, whatever they train to; tests.faults.configurations draws a hundred."""

import json
import re

from project import RESULTS

from tests.faults.configurations import fault, prepared

# One training that comes to no number, one that no rounding error moves, and fewer test images than are to be shown.
WILD = {
    "fashion_mnist": {"replicas": 2, "samples": 3},
    "what_if": {
        "fashion_mnist": {"hidden": [256, 128, 64], "batch_size": 4, "learning_rate": 10, "epochs": 2},
        "mnist": {"hidden": [1, 1], "learning_rate": 1e-300, "epochs": 3},
    },
}


def test_what_comes_to_no_number_is_undecided_and_said_so(finished, tmp_path):
    project = prepared(finished, tmp_path, "one test image")
    assert fault(project, finished.config() | WILD) == ""
    page = (project.folder / RESULTS / "report.html").read_text(encoding="utf-8")
    assert "This training diverged" in page and "no number" in page
    judged = json.loads((project.folder / RESULTS / "verdicts/document.json").read_text(encoding="utf-8"))
    claims = {claim["id"]: claim for claim in judged["claims"]}
    for name in ("f8", "f11-sum"):
        assert claims[name]["verdict"] == "undecided" and "came to no number" in claims[name]["reason"]
    assert "method" not in claims["m6"]["evidence"]  # no draw: the figures are fixed, and compared as such
    samples = (project.folder / RESULTS / "fashion_mnist/samples.csv").read_text(encoding="utf-8").splitlines()
    assert len(samples) == 1 + 10


def test_answers_that_cannot_be_read_end_a_run_before_it_begins(finished, copied):
    (copied.folder / "mine.yaml").write_text("name: [\n", encoding="utf-8")
    copied.write_config(finished.config() | {"answers": "mine.yaml"})
    printed = copied.snakemake("--cores", "1", good=False).stdout
    assert "mine.yaml, line 2 is no YAML" in printed
    assert not re.search(r"^(local)?rule \w+:", printed, re.MULTILINE) and "Traceback" not in printed
