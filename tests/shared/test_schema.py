"""Schemas: of the configuration, and what is read as text and checked against one."""

import json
from math import inf, nan

import pytest
import yaml
from project import ROOT
from snakemake.cli import parse_config

from scripts.shared.schema import checked, examined, near, read_schema, read_texts, refuse_twice
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


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("mnist={replicas: 999}", {"replicas": 999}),
        ('mnist={"replicas": 999, "wrong_replicas": "7"}', {"replicas": 999, "wrong_replicas": 7}),
        ("mnist={replicas: 1e3}", {"replicas": 1000}),
        ("mnist={replicas: 99.0}", {"replicas": 99}),
        ("mnist={replicas: , wrong_replicas: ~}", {}),
        ("verdicts={alpha: 1e-3}", {"alpha": 0.001}),
        ("verdicts={alpha: +.05, random_answers: 020}", {"alpha": 0.05, "random_answers": 20}),
        ("fashion_mnist={device: cpu, seed: null}", {"device": "cpu"}),
        ("fashion_mnist={seed: 9007199254740993}", {"seed": 9007199254740993}),
        ("what_if={mnist: {hidden: [8, 8.0, '1e1']}}", {"mnist": {"hidden": ["8", "8.0", "1e1"]}}),  # its own schema
        ("answers=[a.yaml, b c.yaml]", ["a.yaml", "b c.yaml"]),
        ("answers=a.yaml", "a.yaml"),
        *((f"{room}={nothing}", {}) for room in ("mnist", "what_if", "sweep") for nothing in ("", "null", "~", "{}")),
        *((f"{name}={nothing}", "") for name in ("answers", "mirror") for nothing in ("", "null", "''")),
        ("problem_set=", "problem_sets/deep-learning"),
        ("problem_set=2024", "2024"),
        ("answers=2025", "2025"),
        ("what_if={mnist: }", {}),
    ],
)
def test_whatever_the_command_line_hands_over_is_read(entry, value):
    """Snakemake hands over nested values as texts, and nothing as nothing; what is left out has its default."""
    name, defaults = entry.partition("=")[0], checked({}, "config", "here")
    read = defaults | checked(parse_config([entry]), "config", "here")
    wanted = defaults | {name: defaults[name] | value if isinstance(value, dict) else value}
    assert json.dumps(read, sort_keys=True) == json.dumps(wanted, sort_keys=True)  # where 1 is no 1.0, nor true


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ("mnist={replicas: x}", "mnist.replicas: 'x' is not of type 'integer'; expected: Rep"),
        ("mnist={replicas: true}", "mnist.replicas: 'true' is not of type 'integer'; expected: Rep"),
        ("mnist={replicas: 99.5}", "mnist.replicas: '99.5' is not of type 'integer'; expected: Rep"),
        (f"mnist={{replicas: {'9' * 5000}}}", "mnist.replicas: '9999"),
        ("mnist={replicas:999}", "mnist: unknown key 'replicas:999'; did you mean 'replicas'?"),
        ("mnist=[1", "mnist: '[1' is not of type 'object'"),
        ("mnist=True", "mnist: True is not of type 'object'"),
        ("mnist=5", "mnist: 5 is not of type 'object'"),
        ("verdicts={alpha: [0.1]}", "verdicts.alpha: ['0.1'] is not of type 'number'"),
        (f"mnist={{replicas: {'9' * 399}}}", "mnist.replicas: 9999"),
        ("answers=[]", "answers: []"),
    ],
)
def test_what_cannot_be_read_from_the_command_line_is_one_line(entry, line):
    with pytest.raises(Failure) as failure:
        checked(parse_config([entry]), "config", "here")
    assert str(failure.value).startswith(f"here, {line}") and "\n" not in str(failure.value)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"mnist: {replicas: 99}\nmnist: {wrong_replicas: 4}\n", ", line 2 is no YAML: key 'mnist' stands there twice"),
        (b"answers: caf\xe9.yaml\n", " is damaged"),
        (b"mnist: [\n", ", line 2 is no YAML"),
    ],
)
def test_a_configuration_file_that_snakemake_would_take_for_another(tmp_path, content, line):
    (tmp_path / "config.yaml").write_bytes(content)
    with pytest.raises(Failure) as failure:
        refuse_twice(tmp_path / "config.yaml")
    assert str(failure.value).startswith(f"{tmp_path}/config.yaml{line}")
    refuse_twice(ROOT / "config.yaml")


def test_equal_numbers_are_written_alike():
    """However a number is written, it reaches a command line as one text: so nothing is redone."""
    schema = {"properties": {"n": {"type": "integer"}, "x": {"type": "number"}}}
    for n, x in [(100, 1), (100.0, 1.0), ("100", "1"), ("1e2", "1e0"), ("+100.", "10e-1")]:
        assert repr(examined({"n": n, "x": x}, schema, "here")[0]) == "{'n': 100, 'x': 1.0}"
