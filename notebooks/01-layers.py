# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 Layers and their faults
#
# **The question:** what goes into a plan, and what happens when a file is wrong?
#
# **What it does not say:** a file without faults is not a true file. The checks find what contradicts itself, the rules or the other files;
# they cannot know whether a count was made well. The example data are made up: two communes, eight villages.

# %%
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

folder = Path(tempfile.mkdtemp(prefix="planner-layers-")) / "my-province"


def planner(*arguments):
    """Run one command as a person would and return what it printed and its exit status."""
    done = subprocess.run([sys.executable, "-m", "planner", *map(str, arguments)], capture_output=True, text=True)
    return done.stdout, done.returncode


planner("init", folder)
sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

# %% [markdown]
# ## A row of each table
#
# Empty is unknown, never 0. Ids are text: leading zeros stay.

# %%
for name in ("villages", "population", "adoption", "teams"):
    print(f"inputs/{name}.csv")
    print(pd.read_csv(folder / "inputs" / f"{name}.csv", dtype=str).head(2).to_string(index=False), "\n")

# %% [markdown]
# ## A good workspace has no remarks

# %%
said, status = planner("check", folder / "plan.toml")
print(said, "status", status)
assert status == 0

# %% [markdown]
# ## Three faults at once
#
# More adopters than people, a village that nobody knows, a number of people that is not whole. All are told in one go, with file, row,
# column, value, rule and what to do. Row 1 is the first row below the header.

# %%
inputs = folder / "inputs"
adoption = pd.read_csv(inputs / "adoption.csv", dtype=str)
adoption.loc[0, "numerator"] = str(int(adoption.loc[0, "denominator"]) + 1)
adoption.loc[1, "unit_id"] = "00001-020"
adoption.to_csv(inputs / "adoption.csv", index=False)
population = pd.read_csv(inputs / "population.csv", dtype=str)
population.loc[2, "people"] = "12.5"
population.to_csv(inputs / "population.csv", index=False)

said, status = planner("check", folder / "plan.toml", "--json")
found = pd.DataFrame(json.loads(said)["issues"])
assert status == 1
found[["severity", "file", "row", "column", "value", "rule", "done"]]

# %% [markdown]
# The same list stands in `quality/report.html`, for people, and in `quality/issues.csv`, for a spreadsheet.

# %%
sorted(path.name for path in (folder / "quality").iterdir())

# %% [markdown]
# ## A run publishes nothing while an error stands

# %%
said, status = planner("run", folder / "plan.toml")
assert status == 1
print("status", status, "· published:", (folder / "published" / "current").exists())

# %% [markdown]
# ## The published province says where its rows come from
#
# On the shipped province only the population is real. Every generated layer is marked here, and every row derived from it carries `synthetic`.

# %%
import os

from planner import products

published = os.environ.get("PLANNER_PUBLISHED")
if published is None:
    planner("demo", folder.parent / "province")
    published = folder.parent / "province" / "published"
publication = products.open_publication(published)
pd.DataFrame([entry.model_dump() for entry in publication.manifest.inputs])[
    ["layer", "rows_read", "rows_kept", "rows_set_aside", "synthetic", "licence"]
]

# %%
publication.villages["flags"].explode().value_counts().rename("villages").to_frame()
