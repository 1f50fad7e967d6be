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
# # 03 Where teams would work, and what another choice would bring
#
# **The question:** whom do the added teams reach, how good can any plan be, which sites are sure, what does one more team bring, and what changes with
# fewer teams, or with the season?

# %%
import os
import re
import tempfile
from pathlib import Path

import pandas as pd

import planner
from planner import cli

folder = Path(tempfile.mkdtemp(prefix="planner-deployment-"))
published = os.environ.get("PLANNER_PUBLISHED")
if published is None:
    assert cli.main(["demo", str(folder)]) == 0
    published = folder / "published"
publication = planner.open(published)
solver = publication.manifest.solver
print(publication.manifest.title)

# %% [markdown]
# ## The plan and its certificate
#
# `bound_people` is proven: no choice of as many sites reaches more. `greedy_people` is what choosing one by one reaches.

# %%
pd.Series(solver.model_dump()).to_frame("plan")

# %% [markdown]
# ## The sites in the order in which they help
#
# `people_reached` counts the need of the villages that are assigned to a site. `loss_alone_people` is what nobody else would reach if only this site
# closed; `loss_if_dropped_people` what is still lost once the others are placed again: 0 means that another choice is as good. `certainty` comes from
# solving again for other draws of need: `no_regret`, `likely`, or `phone_first`.

# %%
sites = publication.sites.drop(columns="geometry")
sites[sites["status"] == "new"].sort_values("order").head(10)[
    ["order", "site_id", "name", "people_reached", "loss_alone_people", "loss_if_dropped_people", "certainty"]
]

# %%
sites.loc[sites["status"] == "new", "certainty"].value_counts().rename("new sites").to_frame()

# %% [markdown]
# ## The action plan, and the rounds
#
# The same as a list of what is to be done, as in `plan.xlsx` and `actions.html`; and the weeks of the rapid-response teams.

# %%
publication.table("actions")[
    ["step", "action", "name", "commune_name", "people_reached", "people_new", "certainty", "why"]
].head(3)

# %%
if publication.has("rounds"):
    names = publication.villages.set_index("unit_id")["name"]
    rounds = publication.table("rounds")
    shown = rounds.assign(name=rounds["unit_id"].map(names))
    print(shown[["week", "day", "stop", "name", "arrive", "leave", "people"]].head(4).to_string(index=False))

# %% [markdown]
# ## What one more team brings
#
# The curve ends at the plan. Each point has its own bound; the knee is where further teams begin to bring clearly less.

# %%
curve = publication.curve
assert (curve["people_reached"] <= curve["bound"]).all()
assert curve["people_reached"].is_monotonic_increasing
curve.assign(per_team=(curve["people_reached"].diff() / curve["teams_added"].diff()).round()).round(0)

# %% [markdown]
# ## Who is still not reached
#
# Villages without an open site within reach, the most people in need first. Villages of unknown need count nowhere: a survey comes first there.

# %%
villages = publication.villages.drop(columns="geometry")
left = villages[villages["assigned_site_id"].isna() | (villages["assigned_site_id"] == "")]
print(
    f"{len(left)} villages, {left['need_people'].sum():,} people in need; need unknown in {villages['need_people'].isna().sum()} villages"
)
left.sort_values("need_people", ascending=False).head(5)[
    ["unit_id", "name", "commune_name", "need_people", "need_class"]
]

# %% [markdown]
# ## Another choice: half the teams, 20 minutes
#
# A scenario is the same plan with other keys, run into a folder of its own: the publication in force stays as it is.

# %%
plan = folder / "plan.toml"
if plan.is_file():
    text = plan.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^teams = \d+", "teams = 30", text)
    text = re.sub(r"(?m)^reach_minutes = \d+", "reach_minutes = 20", text)
    text = text.split("[publish]")[0] + '[publish]\nmaps = ["deployment"]\n'
    scenario = folder / "scenario.toml"
    scenario.write_text(text, encoding="utf-8")
    assert cli.main(["run", str(scenario), "--out", str(folder / "scenarios")]) == 0
    other = planner.open(folder / "scenarios").manifest.solver
    keys = ["new_teams", "reach_minutes", "today_people", "objective_people", "bound_people", "gap", "unserved_people"]
    compared = {"published": solver.model_dump(), "scenario": other.model_dump()}
    print(pd.DataFrame(compared).loc[keys].to_string())
else:
    print("PLANNER_PUBLISHED names a publication without its plan beside it: no scenario is run.")

# %% [markdown]
# Fewer teams with a shorter reach serve fewer people, today's teams included: `today_people` falls with the reach as well.

# %% [markdown]
# ## The map of the deployment

# %%
from html import escape

from IPython.display import HTML

page = (publication.path / "maps" / "deployment.html").read_text(encoding="utf-8")
HTML(f'<iframe srcdoc="{escape(page)}" style="width:100%;height:500px;border:0"></iframe>')

# %% [markdown]
# ## Another season
#
# Where a plan has roads, minutes are searched over a grid. The made-up example of `planner init` in the dry and in the wet season, on foot and by motorbike:

# %%
example = folder / "example"
cli.main(["init", str(example)])
text = (example / "plan.toml").read_text(encoding="utf-8")
minutes = {}
for mode in ("motorbike", "walking"):
    for season in ("dry", "wet"):
        travel = f'[travel]\nmode = "{mode}"\nseason = "{season}"'
        (example / "plan.toml").write_text(text.replace("[travel]", travel, 1), encoding="utf-8")
        assert cli.main(["run", str(example / "plan.toml"), "--out", str(example / mode / season)]) == 0
        rows = planner.open(example / mode / season).villages.set_index("unit_id")
        minutes[f"{mode}, {season}"] = rows["support_minutes"]
pd.DataFrame(minutes).round(1)

# %% [markdown]
# **What it does not say:** reached means that the nearest open site lies within the reach in minutes, not that a team has the time for
# everybody. Speeds, wet-season shares and the length of a visit are assumptions of the plan. On the shipped province the people in need and the minutes
# rest on generated villages and straight lines (flags `synthetic`, `straight_line`): the figures show how to read a plan, not where to send anybody.
