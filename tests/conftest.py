"""What all tests need before anything else: Qt without a display."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
