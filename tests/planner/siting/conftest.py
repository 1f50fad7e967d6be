"""Published instances that the siting tests share."""

from __future__ import annotations

from importlib.resources import files

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def san_francisco():
    """Metres by road from 205 census tracts to 16 stores, and the people of each tract."""
    folder = files("spopt") / "tests" / "test_locate" / "data"
    with (folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv").open() as stream:
        far = pd.read_csv(stream, dtype={"DestinationName": str})
    with (folder / "SF_demand_205_centroid_uniform_weight.csv").open() as stream:
        tracts = pd.read_csv(stream, dtype={"NAME": str})
    table = far.pivot_table(values="distance", index="DestinationName", columns="name")
    people = tracts.set_index("NAME")["POP2000"].reindex(table.index)
    return table.to_numpy(), people.to_numpy(dtype=float)
