"""Answers of every kind, as files for those who build on them."""
