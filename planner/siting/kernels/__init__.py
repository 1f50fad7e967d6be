"""Compiled loops over pairs of village and site: no tables, no files, no checks."""
