"""Tests of engine.fetch, against a real HTTP server on this machine."""
