"""What ``minicpmv`` returns to its caller; a contract."""

from __future__ import annotations

OK = 0
FAILED = 1
USAGE = 2
PICTURE = 3
MODEL = 4
OUT_OF_MEMORY = 5
NETWORK = 6
DISK = 7
INTERRUPTED = 130
