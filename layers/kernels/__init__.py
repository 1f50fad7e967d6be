"""Compiled array functions: no tables, no files."""
