"""The engine elsewhere, against real servers on this machine."""
