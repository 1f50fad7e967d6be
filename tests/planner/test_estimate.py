"""Rates per village: by hand on the tiny world, and an attacker who wants the small counts."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import estimate
from tests import tiny_world


def rates(adoption=None, **changes):
    options = {"min_people": 20, **changes}
    frame = tiny_world.adoption() if adoption is None else adoption
    return estimate.rates(frame, tiny_world.villages(), **options)


def row(found, unit_id):
    return found.set_index("unit_id").loc[unit_id]


def with_counts(unit_id, numerator, denominator, frame=None):
    frame = tiny_world.adoption() if frame is None else frame.copy()
    at = frame["unit_id"] == unit_id
    frame.loc[at, ["numerator", "denominator"]] = [float(numerator), float(denominator)]
    return frame


def upper(level, ids, numerators, denominators):
    return pd.DataFrame(
        {
            "unit_id": ids,
            "level": level,
            "indicator": "vneid_activated",
            "numerator": numerators,
            "denominator": denominators,
            "data_date": tiny_world.DATE,
            "synthetic": False,
        }
    )


def test_tiny_world_by_hand():
    found = rates()
    assert found["unit_id"].tolist() == tiny_world.villages()["unit_id"].tolist()
    assert row(found, "v00")[["rate", "status", "flags"]].tolist() == [0.8, "observed", ()]
    # v23 and v32 of k11 have 20 of 100 each: 40 of 200. v33's own 3 of 15 is not in it, nor v22, hidden beside it.
    assert row(found, "v22")[["rate", "status", "flags"]].tolist() == [0.2, "suppressed", ("pooled",)]
    assert row(found, "v23")["status"] == "observed"
    assert row(found, "v33")[["rate", "status", "flags"]].tolist() == [0.2, "suppressed", ("pooled",)]


@pytest.mark.parametrize(
    ("numerator", "denominator", "status"),
    [
        (20, 40, "observed"),
        (19, 40, "suppressed"),
        (21, 40, "suppressed"),
        (0, 0, "suppressed"),
        (0, 500, "suppressed"),
        (500, 500, "suppressed"),
        (480, 500, "observed"),
        (math.nan, 500, "unknown"),
        (20, math.nan, "unknown"),
    ],
)
def test_small_is_denominator_numerator_or_the_rest(numerator, denominator, status):
    found = row(rates(with_counts("v00", numerator, denominator)), "v00")
    assert found["status"] == status
    assert math.isnan(found["rate"]) == (status == "unknown")


def test_no_row_is_unknown_and_not_zero():
    frame = tiny_world.adoption()
    found = row(rates(frame[frame["unit_id"] != "v11"]), "v11")
    assert math.isnan(found["rate"])
    assert found["status"] == "unknown"
    assert found["flags"] == ()


def test_a_commune_without_a_publishable_village_takes_the_rest_of_the_province():
    frame = tiny_world.adoption()
    for unit_id in ("v22", "v23", "v32"):
        frame = with_counts(unit_id, 1, 100, frame)
    found = rates(frame)
    # Four villages each of 80, 60 and 40 of 100.
    assert row(found, "v22")["rate"] == pytest.approx(0.6)
    assert row(found, "v33")["rate"] == pytest.approx(0.6)


def test_nothing_to_pool_from_leaves_the_rate_empty_and_the_status_honest():
    frame = tiny_world.adoption().assign(numerator=1.0)
    found = rates(frame)
    assert found["rate"].isna().all()
    assert (found["status"] == "suppressed").all()
    assert found["flags"].tolist() == [()] * 16


def test_a_commune_rate_holds_for_its_villages():
    frame = upper("commune", ["k00", "k01", "k10"], [800.0, 500.0, 5.0], [1000.0, 1000.0, 1000.0])
    found = rates(frame)
    assert row(found, "v00")[["rate", "status", "flags"]].tolist() == [0.8, "estimated", ("commune_rate",)]
    # k10 is too small to say, so it takes the 1,300 of 2,000 of the others; k11 has no figure.
    assert row(found, "v20")[["rate", "status", "flags"]].tolist() == [0.65, "suppressed", ("commune_rate", "pooled")]
    assert row(found, "v33")["status"] == "unknown"
    assert row(found, "v33")["flags"] == ()


def test_a_commune_without_a_village_counts_in_the_pool():
    found = rates(upper("commune", ["k00", "k99"], [5.0, 300.0], [1000.0, 1000.0]))
    assert row(found, "v00")[["rate", "status"]].tolist() == [0.3, "suppressed"]


def test_a_province_rate_holds_everywhere():
    found = rates(upper("province", ["66"], [2_045_508.0], [2_597_500.0]))
    assert found["rate"].unique().tolist() == [2_045_508 / 2_597_500]
    assert set(found["status"]) == {"estimated"}
    assert set(found["flags"]) == {("province_rate",)}


def test_generated_figures_are_flagged_wherever_they_enter():
    frame = tiny_world.adoption()
    frame["synthetic"] = frame["unit_id"] == "v23"
    found = rates(frame)
    assert row(found, "v23")["flags"] == ("synthetic",)
    assert row(found, "v33")["flags"] == ("pooled", "synthetic")
    assert row(found, "v32")["flags"] == ()


def test_several_indicators_side_by_side():
    issued = tiny_world.adoption().assign(indicator="vneid_issued", numerator=50.0, denominator=100.0)
    # Built in one order, asked for in another: rows come by indicator, then by village.
    found = rates(pd.concat([issued, tiny_world.adoption()]).sample(frac=1, random_state=1))
    assert found["indicator"].tolist() == ["vneid_activated"] * 16 + ["vneid_issued"] * 16
    wide = estimate.by_village(found, tiny_world.villages())
    assert wide.columns.tolist() == [
        "unit_id",
        "vneid_activated_rate",
        "vneid_activated_status",
        "vneid_issued_rate",
        "vneid_issued_status",
        "flags",
    ]
    assert wide.set_index("unit_id").loc["v33"].tolist() == [0.2, "suppressed", 0.5, "observed", ("pooled",)]


def test_no_adoption_at_all():
    found = rates(tiny_world.adoption().iloc[:0])
    assert found.empty
    assert estimate.by_village(found, tiny_world.villages()).columns.tolist() == ["unit_id", "flags"]
    named = estimate.by_village(found, tiny_world.villages(), indicators=["cashless"])
    assert named["cashless_rate"].isna().all()
    assert set(named["cashless_status"]) == {"unknown"}
    assert set(named["flags"]) == {()}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.assign(level=["commune"] + ["village"] * 15), "levels commune, village"),
        (lambda f: pd.concat([f, f.iloc[:1]]), "'v00' appears twice"),
        (lambda f: f.replace({"unit_id": {"v00": "x99"}}), "'x99' is not one of"),
        (lambda f: f.assign(numerator=101.0), "above its denominator"),
        (lambda f: f.assign(numerator=-1.0), "below 0"),
    ],
)
def test_refuses(spoil, message):
    with pytest.raises(ValueError, match=message):
        rates(spoil(tiny_world.adoption()))


def test_refuses_two_province_rows():
    with pytest.raises(ValueError, match="'67' is not one of"):
        rates(upper("province", ["66", "67"], [1.0, 2.0], [3.0, 4.0]))


def test_changes_nothing_it_is_given():
    frame, villages = tiny_world.adoption(), tiny_world.villages()
    estimate.rates(frame, villages, min_people=20)
    pd.testing.assert_frame_equal(frame, tiny_world.adoption())
    pd.testing.assert_frame_equal(villages, tiny_world.villages())


counts = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda t: (min(t), max(t))), min_size=16, max_size=16
)


def world(pairs):
    numerator, denominator = np.array(pairs, dtype=float).T
    return tiny_world.adoption().assign(numerator=numerator, denominator=denominator)


def is_small(numerator, denominator):
    return min(numerator, denominator, denominator - numerator) < 20


def beside(pairs):
    """In each commune with a small count the publishable one of the fewest people, the first of equals."""
    found, villages = set(), tiny_world.villages()
    for _, members in villages.reset_index(drop=True).groupby("commune_id"):
        safe = [i for i in members.index if not is_small(*pairs[i])]
        if safe and len(safe) < len(members):
            found.add(villages["unit_id"].iloc[min(safe, key=lambda i: (pairs[i][1], i))])
    return found


def test_beside_a_small_count_another_is_hidden_so_that_a_known_total_gives_only_their_sum():
    """k11: 20, 30 and 25 of 90, 100 and 80, and v33's 3 of 15. Who knows that 78 adopted there learns 28 of two."""
    frame = tiny_world.adoption()
    for unit, numerator, denominator in (("v22", 20, 90), ("v23", 30, 100), ("v32", 25, 80)):
        frame = with_counts(unit, numerator, denominator, frame)
    found = rates(frame).set_index("unit_id")
    assert found.loc[["v22", "v23", "v32", "v33"], "status"].tolist() == ["observed", "observed", *["suppressed"] * 2]
    assert found.loc["v33", "rate"] == found.loc["v32", "rate"] == pytest.approx(50 / 190)
    known = found.loc["v22", "rate"] * 90 + found.loc["v23", "rate"] * 100
    assert 78 - known == pytest.approx(28)
    # the same for every hidden count: which one is hidden beside it does not depend on it
    other = rates(with_counts("v33", 14, 300, frame)).set_index("unit_id")
    pd.testing.assert_frame_equal(found, other)


@settings(deadline=None, max_examples=60)
@given(pairs=counts, data=st.data())
def test_an_attacker_learns_nothing_of_a_suppressed_village(pairs, data):
    small = [i for i, p in enumerate(pairs) if is_small(*p)]
    other = list(pairs)
    for i in small:
        n, d = data.draw(st.tuples(st.integers(0, 60), st.integers(0, 60)))
        changed = (min(n, d), max(n, d))
        other[i] = changed if is_small(*changed) else pairs[i]
    pd.testing.assert_frame_equal(rates(world(pairs)), rates(world(other)))


@settings(deadline=None, max_examples=60)
@given(pairs=counts, order=st.permutations(range(16)))
def test_rates_are_shares_and_the_order_of_rows_changes_nothing(pairs, order):
    found = rates(world(pairs))
    assert found["rate"].dropna().between(0, 1).all()
    shuffled = estimate.rates(world(pairs).iloc[list(order)], tiny_world.villages().iloc[list(order)], min_people=20)
    pd.testing.assert_frame_equal(found, shuffled)
    hidden = {u for u, p in zip(found["unit_id"], pairs, strict=True) if is_small(*p)} | beside(pairs)
    assert found["status"].eq("suppressed").tolist() == [u in hidden for u in found["unit_id"]]
