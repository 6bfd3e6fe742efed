"""One command makes everything; a second one has nothing to do; cores and repetition do not change a byte."""

import re
import shutil

import pytest
import yaml
from project import ROOT, Project


def test_report_shows_every_item(finished):
    """The ids come from the answers and from the questions that the specification numbers."""
    page = (finished.folder / "results/report.html").read_text(encoding="utf-8")
    ids = set(re.findall(r'\bid="?([\w-]+)', page))
    claims = yaml.safe_load((ROOT / "answers/document.yaml").read_text(encoding="utf-8"))["claims"]
    items = {claim["question"].lower() for claim in claims}
    assert len(items) >= 28
    assert items <= ids, f"missing: {sorted(items - ids)}"


def test_second_run_has_nothing_to_do(finished):
    assert finished.planned() == set()
    assert "Nothing to be done" in finished.snakemake("--cores", "4").stdout


def test_one_core_makes_the_same_bytes(finished, tmp_path, official_files):
    other = Project(tmp_path, official_files)
    other.snakemake("--cores", "1")
    expected, found = finished.digests(), other.digests()
    assert len(expected) > 40
    assert found == expected


def test_rebuild_downloads_nothing(copied):
    before = copied.digests()
    shutil.rmtree(copied.folder / "results")
    copied.write_config(copied.config() | {"mirror": ""})  # and the table names no public mirror either
    done = copied.snakemake("--cores", "4")
    assert "rule download" not in done.stdout
    assert copied.digests() == before


@pytest.mark.parametrize("mirror", ["", "/no/such/folder"])
def test_another_mirror_redoes_nothing(copied, mirror):
    copied.write_config(copied.config() | {"mirror": mirror})
    assert copied.planned() == set()


def test_no_pickles(finished):
    for path in (finished.folder / "results").rglob("*"):
        assert path.suffix not in {".pkl", ".pickle", ".pt", ".pth", ".joblib"}
