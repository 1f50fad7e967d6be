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
# # 00 A tour of one publication
#
# **The question:** which communes are underserved, why, and where would the next community digital teams work?
#
# Notebooks read what was published and call public functions only; run it on your own data by naming your folder in `PLANNER_PUBLISHED`.

# %%
import os
import tempfile
from pathlib import Path

import planner
from planner import cli

published = os.environ.get("PLANNER_PUBLISHED")
if published is None:
    folder = Path(tempfile.mkdtemp(prefix="planner-tour-"))
    assert cli.main(["demo", str(folder)]) == 0
    published = folder / "published"

publication = planner.open(published)
manifest = publication.manifest
print(manifest.id, "·", manifest.title)

# %% [markdown]
# ## What it was made from
#
# Every input with its date, licence and checksum; what the generator made is said so.

# %%
import pandas as pd

pd.DataFrame([entry.model_dump() for entry in manifest.inputs])[
    ["layer", "file", "data_date", "licence", "rows_read", "rows_set_aside", "synthetic"]
]

# %% [markdown]
# ## What to know before using it

# %%
print("\n".join(f"- {sentence}" for sentence in manifest.warnings))
print("\nleft out, for want of data:", ", ".join(manifest.not_computed))

# %% [markdown]
# ## Need is counted in people
#
# The four people columns add to the eligible people, in every village and in every commune.

# %%
four = ["adopted_people", "not_adopted_people", "no_signal_people", "unknown_people"]
villages = publication.villages
assert (villages[four].sum(axis=1) == villages["eligible_people"]).all()
villages[[*four, "eligible_people"]].sum().rename("people in the province").to_frame()

# %% [markdown]
# ## The ten communes with the highest score, and where most people are
#
# Both orders matter: a high score can be few people.

# %%
communes = publication.communes.drop(columns="geometry").set_index("name")
communes.sort_values("rank")[["rank", "score", "need_people", "covered_share"]].head(10).round(3)

# %%
communes.sort_values("need_people", ascending=False)[["need_people", "rank", "score"]].head(10).round(3)

# %% [markdown]
# ## Why: classes of need, and the response that fits each

# %%
villages.groupby(["need_class", "response"]).agg(villages=("unit_id", "size"), need_people=("need_people", "sum"))

# %% [markdown]
# ## Where teams would work
#
# The plan comes with its certificate: no choice of as many sites reaches more than the bound.

# %%
solver = manifest.solver
if solver is not None:
    print(
        f"today {solver.today_people:,.0f} · plan {solver.objective_people:,.0f} · at most {solver.bound_people:,.0f} people"
    )
    print(f"gap {solver.gap:.2%} ({solver.status}); choosing one by one reaches {solver.greedy_people:,.0f}")
actions = publication.table("actions")
actions.head(5)[["step", "action", "name", "commune_name", "people_reached", "certainty", "why"]]

# %% [markdown]
# Where no fixed team helps, a rapid-response team goes on rounds; who gets no visit is said, and why.

# %%
if publication.has("rounds"):
    print(len(publication.table("rounds")), "visits planned")
    print(publication.table("unvisited").groupby("reason")["people"].agg(["size", "sum"]).to_string())

# %% [markdown]
# ## The map, as planners get it
#
# One file that asks nobody: the same page opens from a USB stick without a network.

# %%
from html import escape

from IPython.display import HTML

page = (publication.path / "maps" / "need.html").read_text(encoding="utf-8")
HTML(f'<iframe srcdoc="{escape(page)}" style="width:100%;height:600px;border:0"></iframe>')

# %% [markdown]
# **What it does not say:** on the shipped province only the population is real. Villages, coverage, adoption and teams are generated (flag
# `synthetic`), boundaries are approximate (`approximate_boundary`), minutes are straight lines with a detour factor (`straight_line`). Nothing here is a
# finding about a real village. Nor does a score say *why people* have not adopted: that is asked, not computed.
