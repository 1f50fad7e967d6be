"""What we serve: read-only answers from what was published."""
