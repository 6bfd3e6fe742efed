"""What a run took is written beside the report when the run is over."""

import re

import pytest
from project import SET

from scripts.report.record import summed, text
from scripts.shared.step import Failure

HEAD = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def test_benchmarks_are_summed_by_subject(tmp_path):
    for name, row in {
        "mnist/train": "2.5\t0:00:02\t100.4\t0\t0\t0\t0\t0\t0\t2.0\n",
        "mnist/replicate/ulp/0": "10.0\t0:00:10\t80.0\t0\t0\t0\t0\t0\t0\t9.0\n",
        "relu/fit": "0.2\t0:00:00\t-\t-\t-\t-\t-\t-\t-\t-\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.tsv").write_text(HEAD + row)
    lines = text(summed(tmp_path)).splitlines()
    assert "took 13 s" in lines[0]
    assert lines[4].startswith("| mnist | 2 | 12 | 11 | 100 | 20")
    assert lines[5].startswith("| relu | 1 | 0 | 0 | — | 20")


def test_no_benchmarks(tmp_path):
    with pytest.raises(Failure, match="no benchmark"):
        summed(tmp_path)


def test_written_by_a_run(finished):
    content = (finished.folder / "logs" / SET / "run.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (\w+) \| \d", content, re.M) == sorted(
        ["datasets", "fashion_mnist", "formulas", "l1_regression", "mnist", "relu", "report", "verdicts"]
    )
