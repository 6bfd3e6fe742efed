"""Templates cannot type a number or use a name that is not there."""

import re

import pytest
from project import ROOT

from scripts.report.page import ledger, render
from scripts.report.page.provenance import Sources
from scripts.shared.step import Failure, write_json

TEMPLATES = sorted((ROOT / "report").glob("*.j2"))
EQUATION = re.compile(r"\{% call x\.equation\(.*?\) %\}.*?\{% endcall %\}", re.S)


def prose(template: str) -> list[str]:
    """Return the words of a template: its text outside tags, formulas and markup, and the sentences inside tags."""
    say = re.findall(r'\{% call x\.equation\("[\w-]+", "(.*?)"\) %\}', template)
    template = EQUATION.sub("", template)
    template = re.sub(r"\{#.*?#\}|\$[^$\n]+\$", "", template, flags=re.S)
    tags = re.findall(r"\{%.*?%\}|\{\{.*?\}\}", template, re.S)
    literals = [literal for tag in tags for literal in re.findall(r'"([^"]*)"', tag)]
    sentences = [text for text in literals if " " in text.strip() and not re.search(r"[\\#]|^\.", text)]
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", template, flags=re.S)
    return [*say, *sentences, re.sub(r"<[^>]*>|&\w+;", "", text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_no_number_is_typed(path):
    words = "\n".join(prose(path.read_text(encoding="utf-8"))).replace("SHA-256", "")
    typed = [line.strip() for line in words.splitlines() if re.search(r"[0-9]", line)]
    assert not typed


def test_a_typed_number_would_be_found():
    assert any("7257" in words for words in prose("<p>After {{ n('a#b') }} steps 7257 are right.</p>"))
    assert any("24" in words for words in prose('{{ x.figure("f", svg("s"), "An error of 24 is large") }}'))


@pytest.fixture
def results(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1.5})
    write_json(tmp_path / "secret.json", {"b": 2})
    write_json(tmp_path / "verdicts/x.json", {"name": "x", "counts": {}, "claims": []})
    return Sources(str(tmp_path), [f"{tmp_path}/a.json", f"{tmp_path}/verdicts/x.json"])


def rendered(results, template: str) -> str:
    env, _, _ = render.environment("report", results, ledger.Ledger(results, "x"), {})
    return env.from_string(template).render()


def test_undefined_name_fails(results):
    with pytest.raises(render.jinja2.UndefinedError):
        rendered(results, "{{ nothing }}")


def test_everything_is_escaped(results):
    assert "<b>" not in rendered(results, "{{ '<b>' }}")


def test_dollars_are_maths(results):
    assert rendered(results, r"An $\alpha$.") == "An <math><mi>α</mi></math>."


def test_value_links_to_its_file(results):
    assert rendered(results, "{{ n('a.json#b', '.0f') }}") == (
        '<a href="#a.json" data-k="b" data-f=".0f" data-v="1.5">2</a>'
    )


def test_undeclared_file_and_missing_key_fail(results):
    with pytest.raises(Failure, match="secret"):
        rendered(results, "{{ n('secret.json#b') }}")
    with pytest.raises(Failure, match=r"a\.json has no c"):
        rendered(results, "{{ n('a.json#c') }}")
