#!/bin/bash
# Runs in the new environment, in the working directory: installs the same packages as everywhere else. The digest makes
# of a changed lock a changed script, and so an environment of its own; a test holds it. The lock lies in the workflow's
# folder or, where that is elsewhere, where workflow/rules/home.smk copies it.
set -euo pipefail
digest=ab8841f2de7bbe29fb7e1ff032a543ecc4ebaeb9ac41169395338ef718680223
for lock in requirements.lock .snakemake/proofset/*/requirements.lock; do
  if [ "$( (sha256sum "$lock" || shasum -a 256 "$lock") 2> /dev/null | cut -c -64)" = "$digest" ]; then
    exec python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
  fi
done
echo "error: requirements.lock is not the one with SHA-256 $digest; take a clean copy of the workflow" >&2
exit 1
