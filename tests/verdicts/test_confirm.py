"""The step that runs the programs of refutations tells those that confirm from those that do not, and survives all."""

import json
import subprocess
import sys

from project import ROOT

from scripts.verdicts import recheck
from scripts.verdicts.confirm import confirmed


def test_what_confirms_and_what_does_not():
    good = recheck.facts([("labels", "7", "8")])
    ends = confirmed(
        [good, recheck.facts([("labels", "8", "8")]), "1/0", "x = 1", "import numpy", "raise KeyboardInterrupt", good]
    )
    assert ends[0] == ends[-1] == "" and "denies" in ends[1] and "ZeroDivisionError" in ends[2]
    assert "does not end" in ends[3] and "ModuleNotFoundError" in ends[4] and "KeyboardInterrupt" in ends[5]


def test_of_a_set_and_of_an_overview(tmp_path):
    def ledger(name: str, *claims: dict):
        (tmp_path / f"{name}.json").write_text(json.dumps({"claims": claims}))

    fact = recheck.facts([("labels", "7", "8")])
    right = {"id": "a", "verdict": "refuted", "evidence": {"recheck": fact}}
    ledger("one", right, {"id": "b", "verdict": "exact", "evidence": {}})
    ledger(
        "two",
        right,
        {"id": "c", "verdict": "refuted", "evidence": {}},
        right | {"id": "d", "evidence": {"recheck": "1/0"}},
    )
    (tmp_path / "overview.json").write_text(json.dumps({"sets": [{"set": "one"}, {"set": "two"}]}))
    for name, refuted, programs, failed in (("one", 1, 1, []), ("overview", 4, 2, ["two, c", "two, d"])):
        command = [sys.executable, "-m", "scripts.verdicts.confirm", "--verdicts", str(tmp_path / f"{name}.json")]
        subprocess.run([*command, "--output", str(tmp_path / "out.json")], cwd=ROOT, check=True)
        found = json.loads((tmp_path / "out.json").read_text())
        assert (found["refuted"], found["programs"]) == (refuted, programs)
        assert [row["claim"] for row in found["failed"]] == failed
