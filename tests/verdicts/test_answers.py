"""Many sets of answers: how they are named and read."""

import re

import pytest
import yaml
from stand_in import DEEP, KNOWN

from scripts.shared.step import Failure
from scripts.verdicts.answers import answer_files, read_answers

DOCUMENT = DEEP.folder / "answers/document.yaml"


def write(folder, name: str, *claims: dict, title: str = ""):
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"name": title or name, "claims": list(claims)}), encoding="utf-8")
    return path


class TestNaming:
    def test_file_list_and_folder(self, tmp_path):
        for name in ("b", "a", "c.d-e_9"):
            write(tmp_path, name)
        (tmp_path / "notes.txt").touch()
        names = {name: f"{tmp_path}/{name}.yaml" for name in ("a", "b", "c.d-e_9")}
        assert answer_files(str(tmp_path)) == (names, {})
        assert answer_files(names["b"]) == ({"b": names["b"]}, {})

    def test_names_that_differ_in_capitals_alone(self, tmp_path):
        """Where a file system does not tell A from a, one's results would take the place of the other's."""
        given = ["x/Ann", "y/ann", "z/ANN", "x/Overview"]
        names, _ = answer_files([str(write(tmp_path, name)) for name in given])
        assert "Ann" in names
        assert len({name.lower() for name in names} - {"overview"}) == len(given)

    def test_names_that_make_no_file_or_stand_twice(self, tmp_path, monkeypatch):
        """Whatever a file is called, its set gets a name of its own, and no other set is lost."""
        monkeypatch.chdir(tmp_path)
        odd = ["x/Zoë Müller", "x/-rf", "x/overview", "x/" + "n" * 200, "x/.hidden", "x/a", "y/a"]
        for name in odd:
            write(tmp_path, name)
        write(tmp_path, "x/b").rename(tmp_path / "x/b.yml")
        files, refused = answer_files(["x", "y/a.yaml"])
        assert sorted(files.values()) == sorted([f"{name}.yaml" for name in odd] + ["x/b.yml"]) and not refused
        write(tmp_path, "x/{set}")
        assert list(answer_files(["x"])[1].values()) == ["{set}.yaml has a brace, < or > in its name; rename it"]
        assert {"a", "b"} <= files.keys() and all(re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", name) for name in files)
        assert files == answer_files(["x", "y/a.yaml"])[0]
        assert set(answer_files([*files.values(), *["y/a.yaml"] * 4])[0].values()) == set(files.values())
        (tmp_path / "z").mkdir()
        monkeypatch.chdir(tmp_path / "z")
        assert answer_files(["../x"])[0].keys() == files.keys() - {name for name in files if files[name] == "y/a.yaml"}

    @pytest.mark.parametrize(
        ("given", "line"),
        [
            (["none"], "none: there is no such file"),
            (["empty"], "empty holds no *.yaml file"),
            (["link.yaml"], "link.yaml is a link"),
            (["folders"], "a.yaml is no regular file"),
        ],
    )
    def test_what_is_no_set_at_all(self, tmp_path, monkeypatch, given, line):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "empty").mkdir()
        (tmp_path / "folders/a.yaml").mkdir(parents=True)
        (tmp_path / "link.yaml").symlink_to(write(tmp_path, "a"))
        with pytest.raises(Failure, match=re.escape(line)):
            answer_files(given)


class TestReading:
    def test_numbers_keep_their_digits_without_quotes(self, tmp_path):
        path = tmp_path / "a.yaml"
        path.write_text(
            "name: a\nclaims:\n- {id: m4, stated: {loss: 2.370, correct: 0880, count: 1e4}}\n- {id: p2c, stated: yes}\n"
        )
        stated = [claim["stated"] for claim in read_answers(path, KNOWN)["claims"]]
        assert stated == [{"loss": "2.370", "correct": "0880", "count": "1e4"}, "yes"]

    def test_the_document_reads_the_same_as_plain_yaml(self):
        assert read_answers(DOCUMENT, KNOWN) == yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
