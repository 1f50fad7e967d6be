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

# %%
import datetime as dt
import os
import tempfile
from pathlib import Path

import pandas as pd
from fastapi.testclient import TestClient

import planner
from api.main import create_app
from api.settings import Settings
from planner import cli, keys

folder = Path(tempfile.mkdtemp(prefix="planner-portal-"))
published = os.environ.get("PLANNER_PUBLISHED")
if published is None:
    assert cli.main(["demo", str(folder)]) == 0
    published = folder / "published"
publication = planner.open(published)

# the portal's key: `planner keys add keys.json --name portal --scope read --scope reports` prints it, once
now = dt.datetime.now(tz=dt.UTC)
key, token = keys.add(
    folder / "keys.json", name="portal", scopes=("read", "reports"), per_second=100, per_day=None, days=1, now=now
)
settings = Settings(
    published=Path(published), keys=folder / "keys.json", disputes=f"sqlite:///{folder / 'disputes.db'}"
)
client = TestClient(create_app(settings), headers={"Accept-Language": "en"})
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
    "usable_probability",
    "status_text",
    "need_text",
    "rank_text",
    "next_step",
    "how_to_dispute",
    "flags",
    "notes",
]
pd.Series({name: answer[name] for name in shown}).to_frame("answer")

# %%
[operator["text"] for operator in answer["coverage"]]

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
# ## A citizen contradicts
#
# The portal sends the report with its key, from its server. It is on the disk when 201 comes; the same report under the same `Idempotency-Key` is
# stored once. `planner disputes export` freezes all reports for the next run, which names in its manifest those that it took into account.

# %%
report = {
    "lat": row["lat"],
    "lon": row["lon"],
    "operator": "Viettel",
    "seen": "no_signal",
    "seen_date": str(now.date()),
}
headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "portal-000001"}
first, again = (client.post("/v1/disputes", json=report, headers=headers) for _ in range(2))
without_key = client.post("/v1/disputes", json=report)
print(first.status_code, again.status_code, without_key.status_code, without_key.json()["title"])
state = client.get(f"/v1/disputes/{first.json()['dispute_id']}").json()
print(state["state"], state["considered_in"])

# %%
assert cli.main(["disputes", "export", str(folder / "disputes.db"), str(folder / "disputes.parquet")]) == 0
pd.read_parquet(folder / "disputes.parquet").drop(columns="dispute_id")

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

# %% [markdown]
# **What it does not say:** how fast a server answers, or how it behaves behind a proxy: the API is asked here inside this process, without a
# network. A report says what one person saw at one place. On the shipped province the answers are about generated villages (flag `synthetic`).
