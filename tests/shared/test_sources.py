"""What a step's code is, held against what Python loads."""

import json
import os
import subprocess
import sys

import pytest
from project import ROOT, STEPS

from scripts.shared.sources import sources


@pytest.mark.slow
@pytest.mark.parametrize("module", STEPS)
def test_code_inputs_are_the_real_imports(module):
    """What a step loads of this package when it is imported is part of what `sources` says; more comes as it runs."""
    program = (
        f"import importlib, json, sys; importlib.import_module({module!r});"
        "print(json.dumps([m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'scripts']))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {str(os.path.relpath(file, ROOT)) for file in json.loads(done.stdout.splitlines()[-1])}
    assert loaded <= {file for file in sources(module) if file.endswith(".py")}


def test_code_brings_the_data_that_it_opens():
    """What a module names of the files in its own folder belongs to it, and so to whoever imports it; so do schemas."""
    brought = {module: {file for file in sources(module) if not file.endswith(".py")} for module in STEPS}
    assert "scripts/formulas/grammar.lark" in brought["scripts.verdicts.judge"]
    assert "workflow/schemas/answers.schema.yaml" in brought["scripts.verdicts.judge"]
    assert "workflow/schemas/set.schema.yaml" in brought["scripts.formulas.derive"]
    assert brought["scripts.datasets.download"] == {"scripts/datasets/sources.yaml", "requirements.lock"}
    assert brought["scripts.mnist.train"] == {"requirements.lock"}


def test_unknown_module_is_an_error():
    with pytest.raises(ValueError, match=r"scripts\.nowhere"):
        sources("scripts.nowhere")
