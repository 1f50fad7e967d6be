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
# # 04 Maps and API, from the portal's side
#
# **The question:** what does a citizen's portal send, what does it get back, and are these the numbers of the tables?
#
# **What it does not say:** how fast a server answers. The API is asked here inside this process, without a network. On the shipped
# province the answers are about generated villages (flag `synthetic`).

# %%
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from fastapi.testclient import TestClient

import planner
from api.main import create_app
from api.settings import Settings

published = os.environ.get("PLANNER_PUBLISHED")
if published is None:
    folder = Path(tempfile.mkdtemp(prefix="planner-portal-"))
    subprocess.run([sys.executable, "-m", "planner", "demo", str(folder)], check=True, capture_output=True)
    published = folder / "published"
publication = planner.open(published)
client = TestClient(create_app(Settings(published=Path(published))), headers={"Accept-Language": "en"})
client.__enter__()  # starts the service; closed in the last cell
client.get("/health/ready").json()

# %% [markdown]
# ## One place
#
# A person's own position goes into the body of a POST: neither log nor browser history keeps it. The answer has the numbers of the table,
# a sentence that says what it means, and the next step.

# %%
row = publication.villages.sort_values("unit_id").iloc[0]
answer = client.post("/v1/coverage", json={"lat": row["lat"], "lon": row["lon"]}).json()
assert answer["unit_id"] == row["unit_id"]
assert answer["need_people"] == row["need_people"]
shown = [
    "status",
    "unit_id",
    "name",
    "commune_name",
    "covered_share",
    "need_class",
    "status_text",
    "next_step",
    "flags",
    "notes",
]
pd.Series({name: answer[name] for name in shown}).to_frame("answer")

# %% [markdown]
# ## A place elsewhere is an answer, not an error

# %%
far = client.get("/v1/coverage", params={"lat": 10.0, "lon": 105.0})
print(far.status_code, far.json()["status"], "·", far.json()["next_step"])

# %% [markdown]
# ## A mistake is named
#
# Errors are `application/problem+json`: the parameter, the rule, the nearest name that is known.

# %%
wrong = [{"lat": 108.07, "lon": 12.79}, {"lat": 12.79}, {"lat": 12.79, "lon": 108.07, "lang": "en"}]
problems = [client.get("/v1/coverage", params=query).json() for query in wrong]
pd.DataFrame(problems)[["status", "type", "detail"]]

# %% [markdown]
# ## A long list, page by page
#
# A cursor belongs to its publication and filters: pages fit together even when a new publication comes in between.

# %%
found, cursor = [], None
while True:
    query = {"need_class": "white_spot", "limit": 20} | ({"cursor": cursor} if cursor else {})
    page = client.get("/v1/villages", params=query).json()
    found += [village["unit_id"] for village in page["villages"]]
    cursor = page["next_cursor"]
    if cursor is None:
        break
expected = publication.villages.loc[publication.villages["need_class"] == "white_spot", "unit_id"]
assert sorted(found) == sorted(expected)
print(len(found), "villages without signal, as in the table")

# %% [markdown]
# ## For a GIS: OGC API Features

# %%
features = client.get("/ogc/collections/sites/items", params={"status": "new", "limit": 3}).json()
print(features["numberMatched"], "new sites")
pd.DataFrame([feature["properties"] for feature in features["features"]])[
    ["site_id", "name", "people_reached", "order"]
]

# %% [markdown]
# ## The map that the answer links to
#
# One file, byte for byte what was published; it loads nothing.

# %%
from html import escape

from IPython.display import HTML

address = answer["map"]
page = client.get(address)
assert page.content == (publication.path / "maps" / "need.html").read_bytes()
client.__exit__(None, None, None)
HTML(f'<iframe srcdoc="{escape(page.text)}" style="width:100%;height:500px;border:0"></iframe>')
