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
# # 02 Scores, and how sure they are
#
# **The question:** which villages are worst, by what, and how much of their order would survive if the data were redrawn within what is not known?
#
# **What it does not say:** the draws know the errors they are given (small counts, where in a village people live, speeds). They cannot find a
# claim that is false everywhere. On the shipped province villages, coverage and adoption are generated (flag `synthetic`): nothing here is a finding
# about a real place.

# %%
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

import planner

published = os.environ.get("PLANNER_PUBLISHED")
if published is None:
    folder = Path(tempfile.mkdtemp(prefix="planner-scores-"))
    subprocess.run([sys.executable, "-m", "planner", "demo", str(folder)], check=True, capture_output=True)
    published = folder / "published"
publication = planner.open(published)
manifest = publication.manifest
villages = publication.villages.drop(columns="geometry")
print(manifest.title)

# %% [markdown]
# ## The label: what the ranks can be used for

# %%
print("\n".join(f"- {sentence}" for sentence in manifest.label))

# %% [markdown]
# ## Weights as they are written, and as they work
#
# The effective weight of a pillar is its share of the differences between villages. A pillar that ranks nobody has weight 0.

# %%
pd.DataFrame({"weight": manifest.pillars, "effective": manifest.effective_weights}).round(3)

# %% [markdown]
# ## Contributions add to the score

# %%
parts = [name for name in villages if name.startswith("contribution_")]
ranked = villages[villages["score"].notna()].sort_values(["rank", "unit_id"])
assert (ranked[parts].sum(axis=1) - ranked["score"]).abs().max() < 1e-6
ranked.head(8)[["rank", "unit_id", "name", "commune_name", "score", *parts]].round(1)

# %% [markdown]
# ## How far a rank can move
#
# The interval holds the share `level` of the draws. Where it is wide, `rank_band` is written: read it instead of the rank.

# %%
shown = [
    "rank",
    "rank_low",
    "rank_high",
    "rank_band",
    "worst_tenth_probability",
    "need_class",
    "need_class_probability",
]
missing = [name for name in shown if name not in ranked]
if missing:
    print("this plan has no draws of:", ", ".join(missing))
else:
    assert ((ranked["rank_low"] <= ranked["rank"]) & (ranked["rank"] <= ranked["rank_high"])).all()
    width = (ranked["rank_high"] - ranked["rank_low"]).astype(float)
    print(f"half of the intervals are wider than {width.median():.0f} of {len(ranked)} ranks;")
    print(f"{ranked['rank_band'].notna().sum()} are so wide that a band stands instead of a rank")
ranked.set_index("unit_id").head(8)[[name for name in shown if name in ranked]].round(2)

# %% [markdown]
# ## Who is surely among the worst tenth
#
# A list cut at a rank hides that those just above and below it are alike.

# %%
if "worst_tenth_probability" in ranked:
    chance = ranked["worst_tenth_probability"]
    cuts = pd.cut(
        chance, [-0.001, 0.01, 0.1, 0.5, 0.9, 1.0], labels=["to 1 %", "to 10 %", "to 50 %", "to 90 %", "sure"]
    )
    people = ranked.groupby(cuts, observed=False)["need_people"].agg(["size", "sum"])
    print(people.set_axis(["villages", "people in need"], axis=1).to_string())

# %% [markdown]
# ## Why one village stands where it stands
#
# The nearest village that does better, what differs, and what would lead out of the worst tenth.

# %%
worst = ranked.iloc[0]["unit_id"]
publication.explanations.set_index("unit_id").loc[worst].rename(worst).to_frame()

# %% [markdown]
# ## Need is a range
#
# How many lack signal and have not adopted depends on how the two go together, which nobody measured. The bounds hold for every way.

# %%
names = ["not_adopted_people", "no_signal_people"]
pd.DataFrame(
    {end or "published": [villages[name + end].sum() for name in names] for end in ("_low", "", "_high")}, index=names
)
