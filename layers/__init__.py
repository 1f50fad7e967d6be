"""What we know: files become checked tables, one file per kind of data."""
