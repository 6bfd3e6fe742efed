"""The table of faults, and that nothing which was not survived passes for a success."""

import sys
from types import SimpleNamespace

import pytest

from scripts.shared.step import Failure
from tests.faults import run as frame
from tests.faults.row import Row


def campaign_of(**bad):
    """Return a campaign of two faults, the second of which goes as `bad` says."""

    def campaign(folder, share, draw):
        assert folder.is_dir() and 0 <= draw.random() < 1
        row = Row("a fault")
        row.count("first")
        row.count("second", **bad)
        yield row

    return campaign


@pytest.fixture
def faults(monkeypatch, tmp_path):
    """Run all campaigns, each replaced by one whose second fault goes as is said; return the page that was written."""
    page = tmp_path / "reliability.md"
    page.write_text(f"# Title\n\n{frame.BEGIN}{frame.END}\nEnd.\n")
    monkeypatch.setattr(frame, "PAGE", page)

    def faults(*arguments, **bad):
        monkeypatch.setattr(frame, "import_module", lambda name: SimpleNamespace(campaign=campaign_of(**bad)))
        monkeypatch.setattr(sys, "argv", ["run", *arguments])
        frame.main()
        return page.read_text()

    return faults


def test_the_table_is_written_when_all_were_survived(faults):
    page = faults()
    assert page.startswith("# Title\n") and page.endswith("\nEnd.\n")
    assert page.count("| a fault | 2 | 2 | 0 | 0 | 0 |\n") == len(frame.CAMPAIGNS)
    assert faults().count("| a fault |") == len(frame.CAMPAIGNS)


@pytest.mark.parametrize("arguments", [("--share", "0.5"), ("--only", "damage")])
def test_a_part_of_the_faults_is_no_table(faults, arguments):
    assert "a fault" not in faults(*arguments)


@pytest.mark.parametrize("bad", [{"said": "a traceback"}, {"lost": 1}, {"half": 2}, {"stale": 1}])
def test_what_was_not_survived_is_said_and_ends_it(faults, capsys, bad):
    with pytest.raises(SystemExit) as ended:
        faults("--seed", "7", **bad)
    assert f"Not survived: {len(frame.CAMPAIGNS)}" in str(ended.value) and "seed 7" in str(ended.value)
    assert "  second: " in capsys.readouterr().out
    assert "a fault" not in frame.PAGE.read_text()


def test_a_page_without_markers_is_refused(faults):
    frame.PAGE.write_text("nothing")
    with pytest.raises(Failure, match="lacks the markers"):
        faults()
