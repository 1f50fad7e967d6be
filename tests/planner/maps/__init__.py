"""Tests of the maps: bytes, geometry, and what a person sees in a browser without a network."""
