"""Tests of the compiled array functions."""
