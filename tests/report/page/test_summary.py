"""What the page needs and no other result holds."""

import numpy as np

from scripts.report.page import summary


def test_a_package_that_is_missing_has_no_version(monkeypatch):
    monkeypatch.setattr(summary, "PACKAGES", ("numpy", "no-such-package"))
    assert summary.versions() == {"numpy": np.__version__}
