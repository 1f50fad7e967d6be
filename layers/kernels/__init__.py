"""Compiled array functions: no tables, no files."""

import os
import sys
from pathlib import Path

# numba reads this when it is first imported: what it compiles belongs to the environment it was compiled in, and an
# installed package may lie in a folder that its user cannot write
if sys.prefix != sys.base_prefix:
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(sys.prefix) / "numba"))
