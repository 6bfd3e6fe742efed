#!/bin/bash
# Runs in the new environment, in the project's folder: installs the same packages as everywhere else. The digest makes of
# a changed lock a changed script, and so an environment of its own; a test holds it.
# requirements.lock: sha256 1e6d91a6e4c195d02fd69068bf8209b758e535e48f7e1e8e7108a9f515997fb7
set -euo pipefail
python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
