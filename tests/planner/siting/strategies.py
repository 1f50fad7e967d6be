"""Problems drawn at random for the laws that every model must keep."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.planner.siting.worlds import problem


@st.composite
def problems(draw, *, most_teams: int = 3):
    """Up to 9 villages and 7 sites, some out of reach, some standing, some locked in or out."""
    n, m = draw(st.integers(0, 9)), draw(st.integers(0, 7))
    minute = st.one_of(st.just(np.nan), st.integers(0, 20).map(float))
    table = np.array(draw(st.lists(st.lists(minute, min_size=m, max_size=m), min_size=n, max_size=n))).reshape(n, m)
    whole = draw(st.booleans())
    people = st.integers(0, 50).map(float) if whole else st.floats(0, 50, allow_subnormal=False)
    need = draw(st.lists(people, min_size=n, max_size=n))
    state = draw(st.lists(st.sampled_from(["", "", "", "existing", "locked_in", "locked_out"]), min_size=m, max_size=m))
    marks = {name: [j for j, s in enumerate(state) if s == name] for name in ("existing", "locked_in", "locked_out")}
    teams = len(marks["locked_in"]) + draw(st.integers(0, most_teams))
    return problem(table, need, new_teams=teams, reach_minutes=draw(st.integers(0, 20)), **marks)
