"""What results are compared with: those of a run that nothing disturbed, made once for all campaigns of a command."""

import atexit
import tempfile
from functools import cache
from pathlib import Path

from tests.project import Project, synthetic_files


@cache
def reference() -> Project:
    """Return a finished project; to be copied (`tests.project.copy`), not changed. It takes a minute on two cores."""
    folder = tempfile.TemporaryDirectory(prefix="reference-")
    atexit.register(folder.cleanup)
    project = Project(Path(folder.name), synthetic_files())
    project.snakemake("--cores", "2")
    return project
