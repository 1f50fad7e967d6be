"""Generated layers, for places of which nothing public exists: by seed, marked synthetic, never mistaken for data."""

from layers.synthetic.adoption import adoption
from layers.synthetic.barriers import barriers
from layers.synthetic.coverage import coverage
from layers.synthetic.teams import teams
from layers.synthetic.villages import village_population, villages

__all__ = ["adoption", "barriers", "coverage", "teams", "village_population", "villages"]
