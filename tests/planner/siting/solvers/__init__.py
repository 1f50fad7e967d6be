"""Tests of `planner.siting.solvers`."""
