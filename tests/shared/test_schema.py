"""Schemas: of the configuration, and what is read as text and checked against one."""

from math import inf, nan

import pytest
import yaml
from project import ROOT

from scripts.shared.schema import checked, examined, near, read_schema, read_texts
from scripts.shared.step import Failure


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
        ({"mnist": {"replica": 99}}, r"^here, mnist: unknown key 'replica'; did you mean 'replicas'\?$"),
        ({"zzz": 1}, "^here, top level: unknown key 'zzz'; known keys: problem_set, answers, mirror, fashion_mnist, m"),
        ({"mnist": {"replicas": 1}}, "^here, mnist.replicas: 1 is less than the minimum of 9; expected: Repetitions"),
        ({"fashion_mnist": {"seed": 1.5}}, "^here, fashion_mnist.seed: 1.5 is not of type 'integer'"),
        ({"fashion_mnist": {"device": "gpu"}}, "^here, fashion_mnist.device: unknown value 'gpu'"),
        ({"what_if": {"mnist": 3}}, "^here, what_if.mnist: 3 is not of type 'object'"),
        ([], r"^here, top level: \[\] is not of type 'object'"),
    ],
)
def test_configuration_errors(content, line):
    with pytest.raises(Failure, match=line) as failure:
        checked(content, "config", "here")
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("value", [nan, inf, -inf, "nan", ".nan", "inf", "1e400"])
def test_what_is_not_finite_is_no_number(value):
    with pytest.raises(Failure, match=r"^here, verdicts\.alpha: .* is not of type 'number'; expected: Chance"):
        checked({"verdicts": {"alpha": value}}, "config", "here")
    assert len(examined([value, 10**400], {"items": {"type": "number"}}, "here")[1]) == 2  # without any bounds


def test_texts_become_numbers_where_the_schema_wants_them():
    number, text = {"type": "number"}, {"type": "string"}
    schema = {"properties": {"n": {"type": "integer"}, "x": number, "t": text, "any": {"anyOf": [number, text]}}}
    content = read_texts("{n: 3, x: 1e-6, t: 8.80, any: 0.5}", "here")
    assert content == {"n": "3", "x": "1e-6", "t": "8.80", "any": "0.5"}
    assert examined(content, schema, "here") == ({"n": 3, "x": 1e-6, "t": "8.80", "any": 0.5}, [])
    assert examined({"n": "3.5"}, schema, "here", "a", "b")[1] == ["here, a.b.n: '3.5' is not of type 'integer'"]


def test_each_mistake_has_its_line():
    schema = {"type": "object", "required": ["a", "b"], "properties": {"a": {"description": "A thing."}, "b": {}}}
    assert examined({}, schema, "here")[1] == [
        "here, top level: 'a' is missing: A thing.",
        "here, top level: 'b' is missing",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c", "^here, line 1 is no YAML: mapping values .*; put text with a colon and a space in it in quotes$"),
        ("a: *x", r"^here, line 1 is no YAML: .*; put text that begins with \* in quotes$"),
        ("a:\n\tb: 1", "^here, line 2 is no YAML: .* and indent by spaces$"),
        ("a: 1\na: 2", "^here, line 2 is no YAML: key 'a' stands there twice$"),
        ("[1]: 2", "^here, line 1 is no YAML: a key has to be text$"),
    ],
)
def test_yaml_written_by_hand(text, line):
    with pytest.raises(Failure, match=line):
        read_texts(text, "here")


def test_hints():
    assert near("epoch", ["epochs", "rows"]) == "did you mean 'epochs'?"
    assert near("zzz", ["epochs", "rows"]) == "known are epochs, rows"
    assert near("zzz", []) == "known are none"
