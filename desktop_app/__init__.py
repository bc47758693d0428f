"""The desktop program: a window around the engine."""
