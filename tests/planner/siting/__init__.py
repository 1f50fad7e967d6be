"""Tests of `planner.siting`."""
