"""Villages without a figure: who gets which estimate, marked as one, with official totals kept in every draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers.errors import LayerError
from planner import draws, estimate, missing_rates
from planner.missing_rates import fill
from tests.planner.test_village_model import world

INDICATOR = "vneid_activated"


def made(seed=3, **more):
    """Rows, counts and features of a generated world; its last six communes have no figure."""
    features, numerator, denominator, group, gone, truth = world(
        seed, **{"signal": 1.2, "between": 0.3, "hidden": 0.25, **more}
    )
    ids = [f"v{i:04d}" for i in range(len(group))]
    villages = pd.DataFrame({"unit_id": ids, "commune_id": [f"k{g:02d}" for g in group]})
    known = ~gone
    adoption = pd.DataFrame(
        {
            "unit_id": np.array(ids)[known],
            "level": "village",
            "indicator": INDICATOR,
            "numerator": numerator[known],
            "denominator": denominator[known],
            "synthetic": False,
        }
    )
    rates = estimate.by_village(estimate.rates(adoption, villages, min_people=20, shrink=True), villages)
    rows = rates.assign(eligible_people=500)
    counts = {INDICATOR: estimate.counts(adoption, villages, indicator=INDICATOR, min_people=20)}
    return rows, counts, features, gone, truth


def filled(world_, *, missing="model", totals=None):
    rows, counts, features, *_ = world_
    return fill(rows, counts, known=features, missing=missing, totals=totals or {}, seed=1)


@pytest.fixture(scope="module")
def planted():
    world_ = made()
    return world_, filled(world_)


def test_the_model_fills_what_is_missing_and_nothing_else(planted):
    (rows, _, _, gone, _), found = planted
    status = found.rows[f"{INDICATOR}_status"]
    assert (status[gone] == "estimated").all()
    assert status[~gone].tolist() == rows.loc[~gone, f"{INDICATOR}_status"].tolist()
    assert found.rows.loc[~gone, f"{INDICATOR}_rate"].tolist() == rows.loc[~gone, f"{INDICATOR}_rate"].tolist()
    assert set(found.rows.loc[gone, "flags"]) == {("estimated", "model_rate")}
    verdict = found.verdicts[INDICATOR]
    assert (verdict.estimated, verdict.by_model, verdict.unknown) == (gone.sum(), gone.sum(), 0)
    assert rows[f"{INDICATOR}_rate"].isna().any()  # what was given is not changed


def test_without_a_better_model_the_commune_mean_stands_in_and_a_commune_without_figures_stays_unknown():
    world_ = made(seed=1, signal=0.0, between=0.6)
    rows, counts, _, gone, _ = world_
    found = filled(world_)
    verdict = found.verdicts[INDICATOR]
    assert not verdict.within.used
    assert not verdict.beyond.used
    empty = counts[INDICATOR].group >= 34
    assert set(found.rows.loc[gone & ~empty, "flags"]) == {("commune_mean", "estimated")}
    assert (found.rows.loc[empty, f"{INDICATOR}_status"] == "unknown").all()
    assert found.rows.loc[empty, f"{INDICATOR}_rate"].isna().all()
    assert verdict.unknown == empty.sum()
    one = np.flatnonzero(gone & (counts[INDICATOR].group == 0))[0]
    here = rows.loc[(counts[INDICATOR].group == 0) & ~gone, f"{INDICATOR}_rate"]
    assert found.rows.loc[one, f"{INDICATOR}_rate"] == pytest.approx(here.mean(), abs=0.05)


def test_a_plan_may_ask_for_means_only_or_for_nothing(planted):
    world_, _ = planted
    means = filled(world_, missing="commune_mean")
    assert not means.verdicts
    assert "model_rate" not in {f for flags in means.rows["flags"] for f in flags}
    pd.testing.assert_frame_equal(filled(world_, missing="unknown").rows, world_[0])


def drawn(found, count=60):
    rate = found.rows[f"{INDICATOR}_rate"].to_numpy()
    eligible = found.rows["eligible_people"].to_numpy(dtype=float)
    rng = draws.generator(1, "x")
    return draws.rates(found.counts[INDICATOR], rate, eligible, count=count, rng=rng)


def test_every_draw_keeps_what_communes_counted_and_holds_the_truth(planted):
    (_, counts, _, gone, truth), found = planted
    given, values = counts[INDICATOR], drawn(found, count=300)
    for group in range(34):
        here = (given.group == group) & given.safe
        people = (values * np.nan_to_num(given.denominator))[:, here].sum(axis=1)
        assert people == pytest.approx(np.full(len(values), given.numerator[here].sum()))
    low, high = draws.interval(values, level=0.9)
    assert 0.84 <= np.mean((low <= truth)[gone] & (truth <= high)[gone]) <= 0.99
    assert np.isfinite(values).all()


def test_an_official_total_is_kept_by_the_estimates_in_every_draw(planted):
    world_, _ = planted
    rows, counts, *_ = world_
    counted = float(np.nansum(counts[INDICATOR].numerator))
    gone = world_[3]
    total = int(counted + 0.55 * 500 * gone.sum())
    found = filled(world_, totals={INDICATOR: total})
    assert counted + (found.rows[f"{INDICATOR}_rate"] * 500)[gone].sum() == pytest.approx(total)
    people = counted + (drawn(found) * 500)[:, gone].sum(axis=1)
    assert people == pytest.approx(np.full(60, total))
    with pytest.raises(LayerError, match="between nobody and everybody"):
        filled(world_, totals={INDICATOR: int(counted) - 1})
    assert rows.loc[gone, f"{INDICATOR}_rate"].isna().all()


def test_a_total_that_pooled_rates_overshoot_moves_neither_estimates_nor_draws(planted):
    """The pooled rate of a suppressed village takes more than the total leaves: no fault, all stays as without a total."""
    (rows, counts, features, gone, _), _ = planted
    given = counts[INDICATOR]
    hidden = np.flatnonzero(gone)[0]
    known = given.known.copy()
    known[hidden] = True
    small = {
        INDICATOR: estimate.Counts("village", given.numerator, given.denominator, given.group, given.position, known)
    }
    pooled = rows.copy()
    pooled.loc[hidden, [f"{INDICATOR}_rate", f"{INDICATOR}_status"]] = [0.9, "suppressed"]
    total = int(np.nansum(given.numerator)) + 100
    found = fill(pooled, small, known=features, missing="model", totals={INDICATOR: total}, seed=1)
    free = fill(pooled, small, known=features, missing="model", totals={}, seed=1)
    assert found.rows[f"{INDICATOR}_rate"].tolist() == free.rows[f"{INDICATOR}_rate"].tolist()
    np.testing.assert_array_equal(drawn(found), drawn(free))


def test_a_suppressed_village_is_no_missing_one(planted):
    (rows, counts, features, gone, _), _ = planted
    at = int(np.flatnonzero(~gone)[0])
    given = counts[INDICATOR]
    known = given.known.copy()
    known[np.flatnonzero(gone)[0]] = True  # a count that may not be published
    small = {
        INDICATOR: estimate.Counts("village", given.numerator, given.denominator, given.group, given.position, known)
    }
    found = fill(rows, small, known=features, missing="commune_mean", totals={}, seed=1)
    assert found.rows.loc[np.flatnonzero(gone)[0], f"{INDICATOR}_status"] == "unknown"
    assert found.rows.loc[at, f"{INDICATOR}_status"] in {"observed", "smoothed"}


def test_features_hold_nothing_of_a_rate():
    rows = pd.DataFrame(
        {
            "covered_share": [0.5, np.nan],
            "support_minutes": [10.0, np.nan],
            "support_status": ["reached", "unreachable"],
            "population_people": [99, 0],
            "x_m": [1000.0, 2000.0],
            "y_m": [0.0, 0.0],
            f"{INDICATOR}_rate": [0.1, 0.2],
        }
    )
    attributes = pd.DataFrame({"attribute_poverty": [0.1, 0.2]})
    found = missing_rates.features(rows, np.array([1.0, 2.0]), attributes, cutoff_minutes=120.0)
    assert list(found) == [
        "covered_share", "support_minutes", "people_log", "people_per_km2_log", "x_km", "y_km", "attribute_poverty",
    ]  # fmt: skip
    assert found["support_minutes"].tolist() == [10.0, 120.0]
    assert found["people_log"].tolist() == pytest.approx([np.log(100), 0.0])
