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
# The example is the folder that `planner init` makes: two made-up communes with eight villages.

# %%
import io
import json
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pandas as pd

from planner import cli

folder = Path(tempfile.mkdtemp(prefix="planner-layers-")) / "my-province"


def planner(*arguments):
    """Run one command as a person would and return what it printed and its exit status."""
    with redirect_stdout(io.StringIO()) as said, redirect_stderr(io.StringIO()):
        status = cli.main([str(argument) for argument in arguments])
    return said.getvalue(), status


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
# ## A good workspace has no errors
#
# Remarks say how a file was read, where it could be read in two ways.

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
good = {name: (inputs / name).read_bytes() for name in ("adoption.csv", "population.csv")}
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
for name, content in good.items():
    (inputs / name).write_bytes(content)

# %% [markdown]
# ## A missing figure becomes an estimate, and says so
#
# One village of the example has no count of adopters. It gets its commune's mean, or a model's figure where one was better on communes it had
# not seen; never 0, and marked in every table, map and answer.

# %%
from planner import products

said, status = planner("run", folder / "plan.toml", "--now", "2025-08-01T00:00:00Z")
assert status == 0
publication = products.open_publication(folder / "published")
rate = "vneid_activated_rate"
publication.villages[["unit_id", rate, f"{rate}_low", f"{rate}_high", "vneid_activated_status", "flags"]].round(2)

# %% [markdown]
# ## A claim against those who were there
#
# What operators declare is a claim. Citizens' reports join as evidence: each place and week counts once. The chance of usable signal falls, and
# what is declared covered but hardly likely is listed with the number of further reports that would settle it.

# %%
reports = pd.DataFrame(
    {
        "dispute_id": [f"r-{i}" for i in range(4)],
        "unit_id": "00002-002",
        "operator": "any",
        "technology": "4G",
        "seen": "no_signal",
        "seen_date": ["2025-07-01", "2025-07-08", "2025-07-15", "2025-07-22"],
        "rsrp_dbm": None,
        "lat": None,
        "lon": None,
    }
)
reports.to_csv(inputs / "feedback.csv", index=False)
plan = folder / "plan.toml"
plan.write_text(
    plan.read_text(encoding="utf-8") + '\n[layers.feedback]\npath = "inputs/feedback.csv"\n', encoding="utf-8"
)
said, status = planner("run", plan, "--now", "2025-08-02T00:00:00Z")
assert status == 0
before, after = publication.villages, products.open_publication(folder / "published").villages
chance = "usable_probability"
pd.DataFrame(
    {"without reports": before.set_index("unit_id")[chance], "with": after.set_index("unit_id")[chance]}
).round(2)

# %%
products.open_publication(folder / "published").table("doubtful").T

# %% [markdown]
# ## Only what changed is computed again
#
# Finished stages are kept, known by the content of what they were made from. `--dry-run` says beforehand what a change costs: another weight in the
# score reads no file.

# %%
text = plan.read_text(encoding="utf-8")
plan.write_text(text.replace("[score]", '[score]\naggregation = "geometric"', 1), encoding="utf-8")
print(planner("run", plan, "--now", "2025-08-02T00:00:00Z", "--dry-run")[0])

# %% [markdown]
# **What it does not say:** a file without faults is not a true file. The checks find what contradicts itself, the rules or the other files;
# they cannot know whether a count was made well. The hit rates behind the chance of usable signal are inputs of the plan, not learnt from these data.
