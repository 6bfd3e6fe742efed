"""The steps of the workflow, one package per subject.

Importing anything here first pins numerical libraries to one thread: the thread
count changes the order of floating-point sums and so the bits of every result.
Parallelism comes from running steps side by side.
"""

import os
import sys

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[_variable] = "1"

if sys.argv[:1] == ["-m"]:  # Python looks for a step's module, and will import much before it comes to its main()
    from scripts.shared.step import say

    sys.excepthook = say
