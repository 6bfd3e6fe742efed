"""Results to judge by, without the official data."""

import pytest

from scripts.verdicts.results import Results


@pytest.fixture(scope="session")
def derived(finished) -> Results:
    """Results of the synthetic project: what needs no data is the same there as anywhere."""
    return Results(finished.folder / "results")
