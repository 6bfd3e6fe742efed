"""The configuration and its schema."""

import pytest
import yaml
from project import ROOT

from scripts.shared.schema import checked, read_schema
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
