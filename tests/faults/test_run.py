"""The table of faults, and that nothing which was not survived passes for a success."""

import sys
from types import SimpleNamespace

import pytest

from scripts.shared.step import Failure
from tests.faults import run as frame
from tests.faults.row import Row


def campaign_of(name, bad):
    """Return a campaign of two faults, the second of which goes as `bad` says, and of one that cannot be tried."""

    def campaign(folder, share, draw):
        assert folder.is_dir() and 0 <= draw.random() < 1
        row = Row(f"{name} is struck")
        row.count("first")
        row.count("second", **bad)
        yield row
        yield Row("not tried here")

    return SimpleNamespace(campaign=campaign)


@pytest.fixture
def faults(monkeypatch, tmp_path):
    """Run campaigns, each replaced by one whose second fault goes as is said; return the page."""
    page = tmp_path / "reliability.md"
    page.write_text(f"# Title\n\n{frame.BEGIN}{frame.END}\nEnd.\n")
    monkeypatch.setattr(frame, "DOCS", tmp_path)

    def faults(*arguments, **bad):
        monkeypatch.setattr(frame, "import_module", lambda name: campaign_of(name.split(".")[-1], bad))
        monkeypatch.setattr(sys, "argv", ["run", *arguments])
        frame.main()
        return page.read_text()

    return faults


def test_the_table_is_written_when_all_were_survived(faults):
    page = faults("--write")
    assert page.startswith("# Title\n") and page.endswith("\nEnd.\n")
    for name in frame.CAMPAIGNS:
        assert page.count(f"| {name} is struck | 2 | 2 | 0 | 0 | 0 | 100% |") == 1
    assert "not tried here" not in page
    assert "is struck" in faults()  # as it was


def test_a_campaign_alone_replaces_its_own_rows(faults):
    faults("--write")
    page = faults("--write", "--only", "damage", "--share", "0.5")
    assert page.count("is struck") == len(frame.CAMPAIGNS)
    assert page.count("| 50% |") == page.count("| damage is struck | 2 | 2 | 0 | 0 | 0 | 50% |") == 1


@pytest.mark.parametrize("bad", [{"said": "a traceback"}, {"lost": 1}, {"half": 2}, {"stale": 1}])
def test_what_was_not_survived_is_said_and_ends_it(faults, capsys, bad):
    with pytest.raises(SystemExit) as ended:
        faults("--write", "--seed", "7", **bad)
    assert f"Not survived: {len(frame.CAMPAIGNS)}" in str(ended.value) and "--seed 7" in str(ended.value)
    assert "  second: " in capsys.readouterr().out
    assert "is struck" not in (frame.DOCS / "reliability.md").read_text()


def test_a_page_without_markers_is_refused(faults):
    (frame.DOCS / "reliability.md").write_text("nothing")
    with pytest.raises(Failure, match="lacks the markers"):
        faults("--write")


@pytest.mark.parametrize("share", ["0", "-1", "2", "nan", "x"])
def test_a_share_is_one(faults, share):
    with pytest.raises(SystemExit) as ended:
        faults("--share", share)
    assert ended.value.code == 2
