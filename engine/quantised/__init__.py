"""Weights in eight or four bits: how they are made, kept, and multiplied."""
