"""One command makes everything; a second one has nothing to do; cores and repetition do not change a byte."""

import json
import re
import shutil
import zipfile

import pytest
import yaml
from project import RESULTS, ROOT, SET, Project


def test_report_shows_every_item(finished):
    """The ids come from the answers and from the questions that the specification numbers."""
    page = (finished.folder / RESULTS / "report.html").read_text(encoding="utf-8")
    ids = set(re.findall(r'\bid="?([\w-]+)', page))
    claims = yaml.safe_load((ROOT / f"problem_sets/{SET}/answers/document.yaml").read_text(encoding="utf-8"))["claims"]
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
    shutil.rmtree(copied.folder / RESULTS)
    copied.write_config(copied.config() | {"mirror": ""})  # and the table names no public mirror either
    done = copied.snakemake("--cores", "4")
    assert "rule download" not in done.stdout
    assert copied.digests() == before


@pytest.mark.parametrize("mirror", ["", "/no/such/folder"])
def test_another_mirror_redoes_nothing(copied, mirror):
    copied.write_config(copied.config() | {"mirror": mirror})
    assert copied.planned() == set()


def test_a_what_if_is_said_and_leaves_the_description_alone(finished):
    """Small runs train less than the source says: the page tells, and the model that claims read is the source's."""
    what_if = json.loads((finished.folder / RESULTS / "report/summary.json").read_text())["what_if"]
    assert {"given": "mnist.epochs", "source": 3, "here": 2} in what_if
    page = (finished.folder / RESULTS / "report.html").read_text(encoding="utf-8")
    assert re.search(r"what.if", page, re.IGNORECASE)
    model = json.loads((finished.folder / RESULTS / "fashion_mnist/model.json").read_text())
    assert (model["widths"], model["training"]["epochs"]) == ([784, 256, 128, 64, 10], 25)
    assert len((finished.folder / RESULTS / "fashion_mnist/runs/0/history.csv").read_text().splitlines()) == 3


def test_snakemakes_own_report_has_every_drawing_of_the_page(swept_copy):
    """Those of answers and sweeps too, as the page has them; of several sets of answers none, whose files then go."""
    swept_copy.snakemake("--report", "all.zip")
    with zipfile.ZipFile(swept_copy.folder / "all.zip") as packed:
        shown = {path.rpartition("/")[2]: packed.read(path).decode() for path in packed.namelist() if ".svg" in path}
    page = (swept_copy.folder / RESULTS / "report.html").read_text(encoding="utf-8")
    drawn = {
        f"{name}.svg": svg for svg, name in re.findall(r'(<svg[^>]* aria-labelledby="([\w-]+)-title .*?</svg>)', page)
    }
    assert {"f7-losses.svg", "m6-replicas.svg", "p3a-1-stated.svg", "sweep-mnist-curves.svg"} <= drawn.keys()
    assert drawn == {name: shown[name].strip() for name in drawn}
    shutil.copytree(swept_copy.folder / f"problem_sets/{SET}/answers", swept_copy.folder / "own")
    (swept_copy.folder / "own/other.yaml").write_text("name: Other\nclaims: []\n")
    swept_copy.write_config(swept_copy.config() | {"answers": "own"})
    swept_copy.snakemake("--cores", "2")
    left = {path.name for path in (swept_copy.folder / RESULTS / "report/drawn").iterdir()}
    assert left == {name for name in drawn if name.startswith("sweep-")}


def test_no_pickles(finished):
    for path in (finished.folder / RESULTS).rglob("*"):
        assert path.suffix not in {".pkl", ".pickle", ".pt", ".pth", ".joblib"}
