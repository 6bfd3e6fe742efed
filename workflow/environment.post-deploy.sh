#!/bin/bash
# Runs in the new environment, in the project's folder: installs the same packages as everywhere else. The digest makes of
# a changed lock a changed script, and so an environment of its own; a test holds it.
# requirements.lock: sha256 a92e9a35a8d66c3da57bd347b0dd2df5dfa7860ab90fc49dad2913fe3d09c696
set -euo pipefail
python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
