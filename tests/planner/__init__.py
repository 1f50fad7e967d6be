"""Tests of what we conclude: one file per source file."""
