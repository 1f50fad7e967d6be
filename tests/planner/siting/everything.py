"""Every state of every site of a tiny world, and the best that can be done: an oracle that shares no code with the models."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.planner.siting.worlds import dense, problem

NAN, INF = np.nan, np.inf


@st.composite
def worlds(draw, *, split: bool | None = None):
    """Up to 4 villages and 3 sites with everything a plan can say of them."""
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    minute = st.one_of(st.just(NAN), st.integers(0, 12).map(float))
    table = np.array(draw(st.lists(st.lists(minute, min_size=m, max_size=m), min_size=n, max_size=n))).reshape(n, m)
    need = draw(st.lists(st.integers(0, 9).map(float), min_size=n, max_size=n))
    state = draw(st.lists(st.sampled_from(["", "", "existing", "existing", "locked_in"]), min_size=m, max_size=m))
    marks = {name: [j for j, s in enumerate(state) if s == name] for name in ("existing", "locked_in")}

    def per_site(values):
        return np.array(draw(st.lists(values, min_size=m, max_size=m)))

    given = {"new_teams": len(marks["locked_in"]) + draw(st.integers(0, 2))}
    if draw(st.booleans()):
        given |= {"cost": per_site(st.integers(0, 5)).astype(float), "budget": float(draw(st.integers(0, 12)))}
    limited = draw(st.booleans()) or bool(split)
    if limited:
        given["capacity_people"] = per_site(st.integers(1, 12)).astype(float)
        given["most_teams_per_site"] = draw(st.integers(1, 2))
        given["standing_teams"] = per_site(st.integers(1, 2))
        given["split"] = draw(st.booleans()) if split is None else split
    if draw(st.booleans()):
        given["movable"] = per_site(st.booleans())
        if "budget" in given:
            given["move_cost"] = per_site(st.integers(0, 3)).astype(float)
    if "budget" in given and draw(st.booleans()):
        given |= {"closable": per_site(st.booleans()), "closing_saves": per_site(st.integers(1, 4)).astype(float)}
    if draw(st.booleans()):
        given |= {"commune_ids": per_site(st.sampled_from(["a", "b"])), "min_per_commune": draw(st.integers(0, 1))}
        given |= {"priority_communes": ("a",), "min_per_priority_commune": draw(st.integers(0, 2))}
    if draw(st.booleans()):
        given |= {"site_types": per_site(st.sampled_from(["community", "rapid_response"]))}
        given |= {"most_of_type": {"rapid_response": draw(st.integers(0, 1))}}
        given |= {"site_reach_minutes": np.where(given["site_types"] == "community", 6.0, 12.0)}
    return problem(table, need, reach_minutes=10.0, **marks, **given)


def states(world):
    """Yield, for every allowed state of all sites, the new teams, which sites are open and the room of each."""
    m = world.site_ids.size
    ones = np.ones(m, dtype=int)
    standing = np.where(world.existing, ones if world.standing_teams is None else world.standing_teams, 0)
    false = np.zeros(m, dtype=bool)
    movable = false if world.movable is None else world.movable & ~world.locked_in
    closable = false if world.closable is None else world.closable & ~world.locked_in
    per_site = []
    for j in range(m):
        most = max(world.most_teams_per_site, standing[j])
        here = []  # (teams, new, received, sent, closed)
        if world.existing[j]:
            here += [
                (standing[j] + a + b, a, b, 0, 0) for a in range(3) for b in range(5) if standing[j] + a + b <= most
            ]
            here += [(0, 0, 0, standing[j], 0)] if movable[j] else []
            here += [(0, 0, 0, 0, 1)] if closable[j] else []
        elif not world.locked_out[j]:
            here += [] if world.locked_in[j] else [(0, 0, 0, 0, 0)]
            here += [(a + b, a, b, 0, 0) for a in range(3) for b in range(3) if 1 <= a + b <= world.most_teams_per_site]
        else:
            here = [(0, 0, 0, 0, 0)]
        per_site.append(here)
    for chosen in product(*per_site):
        teams, new, received, sent, closed = np.array(chosen).T
        if _allowed(world, (teams, new, received, sent, closed)):
            yield int(new.sum()), teams > 0, _room(world, teams, standing)


def _allowed(world, state):
    teams, new, received, sent, closed = state
    if new.sum() > world.new_teams or received.sum() != sent.sum():
        return False
    if world.budget is not None:
        zero = np.zeros(teams.size)
        away = zero if world.move_cost is None else world.move_cost
        saves = zero if world.closing_saves is None else world.closing_saves
        if new @ world.cost + (sent > 0) @ away - closed @ saves > world.budget:
            return False
    for kind, most in (world.most_of_type or {}).items():
        if new[world.site_types == kind].sum() > most:
            return False
    for commune in () if world.commune_ids is None else np.unique(world.commune_ids):
        least = max(world.min_per_commune, world.min_per_priority_commune * (commune in world.priority_communes))
        if (teams > 0)[world.commune_ids == commune].sum() < least:
            return False
    return True


def _room(world, teams, standing):
    if world.capacity_people is None:
        return np.where(teams > 0, INF, 0.0)
    base = np.maximum(standing, 1)
    return np.where(teams > 0, world.capacity_people * (1 + (teams - base) / base), 0.0)


def near(world):
    """Return minutes, NaN where a site is out of its own reach or of everybody's."""
    table = dense(world)
    reach = np.full(table.shape[1], world.reach_minutes)
    if world.site_reach_minutes is not None:
        reach = np.minimum(reach, world.site_reach_minutes)
    return np.where(table <= reach, table, NAN)


def served(world):
    """Return every way of sending each village to one site or none: sites, shape (ways, n)."""
    choices = [[-1, *np.flatnonzero(~np.isnan(row))] for row in near(world)]
    return np.array(list(product(*choices)), dtype=int).reshape(-1, world.unit_ids.size)


def best(world, value, *, score=max):
    """Return the best total of `value` (n, m), NaN = cannot, over all states and ways; None where no state is allowed."""
    ways, n = served(world), world.unit_ids.size
    filled = np.column_stack([np.nan_to_num(value), np.zeros(n)])
    totals = filled[np.arange(n), ways].sum(axis=1)
    found = [
        t
        for _, opened, room in states(world)
        if (t := _best_state(world, value, (ways, totals), opened, room)) is not None
    ]
    return score(found) if found else None


def _best_state(world, value, ways_and_totals, opened, room):
    ways, totals = ways_and_totals
    if world.split:
        return shared(world, value, opened, room)
    return float(totals[fits(world, ways, opened, room)].max())


def fits(world, ways, opened, room):
    """Return which ways go to open sites with room."""
    ok = np.append(opened, True)[ways].all(axis=1)
    for j in range(opened.size):
        ok &= (world.need_people * (ways == j)).sum(axis=1) <= room[j] + 1e-9
    return ok


def shared(world, value, opened, room, *, everybody=None):
    """Return the best total when villages may be split, by linear programming; None where not everybody fits."""
    i, j = np.nonzero(~np.isnan(near(world)) & opened)
    if everybody is not None and not set(np.flatnonzero(everybody)) <= set(i):
        return None
    if i.size == 0:
        return 0.0
    once = (i == np.arange(world.unit_ids.size)[:, None]).astype(float)
    rows, limits = [once], [np.ones(world.unit_ids.size)]
    full = np.flatnonzero(np.isfinite(room))
    rows.append((j == full[:, None]) * world.need_people[i])
    limits.append(room[full])
    if everybody is not None:
        rows.append(-once[everybody])
        limits.append(-np.ones(int(everybody.sum())))
    done = linprog(-value[i, j], A_ub=np.vstack(rows), b_ub=np.concatenate(limits), bounds=(0, 1))
    return None if done.status else float(-done.fun)
