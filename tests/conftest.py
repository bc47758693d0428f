"""What all tests need before anything else: Qt without a display, a core for each process."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if "PYTEST_XDIST_WORKER" in os.environ:
    # threads of several processes would wait for each other's turn on the same cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
