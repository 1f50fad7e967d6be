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
# **The question:** which villages are worst, by what, and how much of their order would survive other data within what is not known, or another way
# of scoring?

# %%
import os
import tempfile
from pathlib import Path

import pandas as pd

import planner
from planner import cli

folder = Path(tempfile.mkdtemp(prefix="planner-scores-"))
published = os.environ.get("PLANNER_PUBLISHED")
if published is None:
    assert cli.main(["demo", str(folder)]) == 0
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
# ## How far a rank can move: other data, and another method
#
# `rank_low` to `rank_high` holds the share `level` of the draws of the data. `rank_method_low` to `rank_method_high` leaves the data as they are and
# changes weights, normalisation and aggregation. A rank that only the second moves rests on somebody's choice, and better data will not settle it.

# %%
for names in (["rank_low", "rank_high"], ["rank_method_low", "rank_method_high"]):
    if set(names) <= set(ranked):
        width = (ranked[names[1]] - ranked[names[0]]).astype(float)
        assert (width >= 0).all()
        print(f"{names[0]} to {names[1]}: half are wider than {width.median():.0f} of {len(ranked)} ranks")
if "rank_band" in ranked:
    print(f"{ranked['rank_band'].notna().sum()} intervals are so wide that a band is to be read instead of a rank")
shown = ["rank", "rank_low", "rank_high", "rank_method_low", "rank_method_high", "rank_band", "worst_tenth_probability"]
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

# %% [markdown]
# ## Further analyses, where a plan asks for them
#
# The same plan with `[analyses]`: only what is new is computed. Which choice of method moves the ranks most (Sobol indices: `total` with all it does
# together with others), whether villages fall into stable types, and where badly served villages lie together.

# %%
plan = folder / "plan.toml"
if plan.is_file():
    asked = (
        '[analyses]\nsensitivity_samples = 128\nvillage_types = true\nhot_spots = true\n\n[publish]\nmaps = ["need"]\n'
    )
    text = plan.read_text(encoding="utf-8").split("[publish]")[0]
    plan.write_text(text + asked, encoding="utf-8")
    assert cli.main(["run", str(plan)]) == 0
    publication = planner.open(published)
else:
    print("PLANNER_PUBLISHED names a publication without its plan beside it: what it has is shown")
if publication.has("sensitivity"):
    print(publication.table("sensitivity").round(2).to_string(index=False), "\n")
if publication.has("village_types"):
    types = publication.table("village_types")
    print(
        types.groupby(["type", "words", "stability"]).size().rename("villages").reset_index().to_string(index=False),
        "\n",
    )
if publication.has("hot_spots"):
    spots = publication.table("hot_spots").merge(villages[["unit_id", "commune_name"]], on="unit_id")
    hot = spots.loc[spots["spot"] == "hot", "commune_name"].value_counts()
    print(f"{hot.sum()} villages lie in hot spots, most of them in:\n{hot.head(5).to_string()}")

# %% [markdown]
# **What it does not say:** the draws know the errors they are given (small counts, where in a village people live, speeds). They cannot find
# a claim that is false everywhere. A Sobol index says which choice matters, not which choice is right. On the shipped province villages, coverage and
# adoption are generated (flag `synthetic`): nothing here is a finding about a real place.
