"""What every step shares: whole files, one-line errors, seeds, schemas, classification."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from project import ROOT

from scripts.shared.classification import evaluate
from scripts.shared.schema import checked, read_schema
from scripts.shared.seeds import stream
from scripts.shared.step import Failure, read_json, whole, write_csv, write_json, write_npz


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "deep" / "file.txt"
    with whole(target) as part:
        part.write_text("first")
        assert not target.exists()
    assert target.read_text() == "first"
    with pytest.raises(KeyboardInterrupt), whole(target) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "first"
    assert [path.name for path in target.parent.iterdir()] == ["file.txt"]


def test_json_is_sorted_and_knows_no_nan(tmp_path):
    write_json(tmp_path / "a.json", {"b": 0.1 + 0.2, "a": ["σ"]})
    assert (tmp_path / "a.json").read_text(encoding="utf-8").index('"a"') < 8
    assert read_json(tmp_path / "a.json") == {"a": ["σ"], "b": 0.30000000000000004}
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "b.json", {"x": float("nan")})
    assert not (tmp_path / "b.json").exists()


def test_tables_and_arrays_are_the_same_bytes_each_time(tmp_path):
    for name in ("one", "two"):
        write_npz(tmp_path / f"{name}.npz", x=np.arange(5), y=np.eye(2))
        write_csv(tmp_path / f"{name}.csv", pd.DataFrame({"x": [0.1 + 0.2]}))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert (tmp_path / "one.csv").read_text() == "x\n0.30000000000000004\n"


def test_a_failure_is_one_line_without_a_traceback():
    program = "from scripts.shared.step import run, Failure\ndef main(): raise Failure('no such thing')\nrun(main)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (1, "error: no such thing\n", "")


def test_streams():
    """Fixed for ever, since results depend on it, and different for each name and seed."""
    assert stream(1, "samples") == stream(1, "samples")
    assert len({stream(seed, name) for seed in range(10) for name in "abcdefghij"}) == 100
    assert 0 <= stream(0, "") < 2**63
    assert stream(1, "samples") == 7537424879188985544


def test_configuration_file_is_the_schemas_defaults():
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text) == checked({}, "config", "nothing")


def test_every_parameter_has_type_default_and_description():
    def parts(schema):
        for part in schema["properties"].values():
            yield part
            if "properties" in part:
                assert part["additionalProperties"] is False
                yield from parts(part)

    for part in parts(read_schema("config")):
        assert "default" in part
        assert "properties" in part or part["description"].endswith(".")
        assert {"type", "enum", "anyOf", "oneOf"} & set(part)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ({"mnist": {"epoch": 1}}, r"^here, mnist: unknown key 'epoch'; did you mean 'epochs'\?$"),
        (
            {"zzz": 1},
            "^here, top level: unknown key 'zzz'; known keys: mirror, answers, fashion_mnist, mnist, v",
        ),
        ({"mnist": {"epochs": 0}}, "^here, mnist.epochs: 0 is less than the minimum of 1; expected: Passes over"),
        ({"mnist": {"epochs": 1.5}}, "^here, mnist.epochs: 1.5 is not of type 'integer'"),
        ({"mnist": {"hidden": [1, 2, 3]}}, r"^here, mnist.hidden: \[1, 2, 3\] is too long"),
        ([], r"^here, top level: \[\] is not of type 'object'"),
    ],
)
def test_configuration_errors(content, line):
    with pytest.raises(Failure, match=line) as failure:
        checked(content, "config", "here")
    assert "\n" not in str(failure.value)


def test_classification_by_hand():
    """Classes 0 and 1 of three, four samples, one of class 1 taken for 0; class 2 neither there nor predicted."""
    p = np.array([[0.9, 0.1, 0.0], [0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])
    found = evaluate(p, np.array([0, 0, 1, 1]))
    assert found["confusion"] == [[2, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert (found["correct"], found["count"], found["accuracy"]) == (3, 4, 0.75)
    assert found["loss"] == pytest.approx(-np.log([0.9, 0.8, 0.3, 0.7]).mean())
    zero, one, two = found["classes"]
    assert (zero["precision"], zero["recall"], zero["f1"]) == (pytest.approx(2 / 3), 1.0, pytest.approx(0.8))
    assert (one["support"], one["predicted"], one["hits"]) == (2, 1, 1)
    assert json.dumps(two, allow_nan=False)
