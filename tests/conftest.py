"""Fixtures that every subject's tests may use, and which tests are slow."""

import os
import shutil
from pathlib import Path

import pytest
from project import Project, synthetic_files

SLOW = {"new_project", "finished", "copied", "real_results", "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs the workflow or a browser: `python -m pytest -m "not slow"` is for the loop of daily work."""
    for item in items:
        if SLOW & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def official_files() -> dict[str, dict[str, bytes]]:
    """Return dataset → file name → bytes of synthetic files in the official format."""
    return synthetic_files()


@pytest.fixture
def new_project(tmp_path, official_files) -> Project:
    """A project in which nothing has run yet."""
    return Project(tmp_path, official_files)


@pytest.fixture(scope="session")
def finished(tmp_path_factory, official_files) -> Project:
    """A project that ran to its end with four jobs at once. Tests that change it copy it first (`copied`)."""
    project = Project(tmp_path_factory.mktemp("finished"), official_files)
    project.snakemake("--cores", "4")
    return project


@pytest.fixture
def copied(tmp_path, finished) -> Project:
    """A finished project to change at will; file times are kept, so that nothing is to be done in it."""
    project = object.__new__(Project)
    project.folder, project.mirror, project.files = tmp_path / "proof set", finished.mirror, finished.files
    shutil.copytree(finished.folder, project.folder)
    return project


@pytest.fixture(scope="session")
def real_results() -> Path:
    """The results of a full run on the official data, for tests marked `real`."""
    if "PROOFSET_RESULTS" not in os.environ:
        pytest.skip("needs PROOFSET_RESULTS, the results folder of a full run")
    return Path(os.environ["PROOFSET_RESULTS"])
