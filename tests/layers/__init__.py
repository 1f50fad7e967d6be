"""Tests of what we know: one file per source file."""
