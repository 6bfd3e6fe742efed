"""Where results and downloads may lie: in storage of the user's choosing, and in a cache that folders share."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import RESULTS, ROOT, Project


def content(folder: Path) -> dict[str, bytes]:
    """Return name → bytes of all files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def storage(tmp_path) -> list[str]:
    """Options that put all that is made into another folder, by Snakemake's plugin for file systems."""
    if shutil.which("rsync") is None:
        reason = "the storage plugin for file systems needs rsync: install it"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return ["--default-storage-provider", "fs", "--default-storage-prefix", str(tmp_path / "a store")]


def test_results_in_storage_are_the_same_bytes(finished, new_project, storage, tmp_path):
    said = new_project.snakemake("--cores", "4", *storage).stdout
    stored = tmp_path / "a store"
    assert f"Done. Results are in storage: {stored / RESULTS}" in said and "No step ran" not in said
    assert content(stored / RESULTS) == content(finished.folder / RESULTS)
    assert not {"results", "resources", "logs", "benchmarks"} & {path.name for path in new_project.folder.iterdir()}
    assert "Nothing to be done" in new_project.snakemake("--cores", "4", *storage).stdout

    with open(new_project.folder / "report/style.css", "a", encoding="utf-8") as style:
        style.write("\n/* edited */\n")
    assert new_project.planned(*storage) == {"write_report"}

    verify = [sys.executable, "-m", "scripts.report.verify", str(stored / RESULTS / "report.html")]
    assert subprocess.run(verify, cwd=ROOT, capture_output=True).returncode == 0


def test_a_second_folder_needs_no_mirror_but_the_cache(new_project, official_files, tmp_path):
    second = Project(tmp_path / "second", official_files)
    second.write_config(second.config() | {"mirror": "/no/such/folder"})
    cache = tmp_path / "cache"
    cache.mkdir()
    names = [f"resources/mnist/{name}" for name in official_files["mnist"]]
    for project in (new_project, second):
        environment = project.environment() | {"SNAKEMAKE_OUTPUT_CACHE": str(cache)}
        project.snakemake("--cores", "4", "--cache", "download", "--", *names, env=environment)
        for path in (project.folder / name for name in names):
            assert path.resolve().parent == cache
            assert path.read_bytes() == official_files["mnist"][path.name]
