"""Conflicts of a plan with lines, limits and facts (冲突检查), each sorted by what it is; one file per subject.

  farmland    K1, K2 permanent basic farmland, K5 steep cropland, K11, K12 what becomes of cropland
  red_line    K3 ecological red line
  boundaries  K4 construction boundaries, K13 use zones
  hazards     K6 hazard areas and flood lines
  setbacks    K8 distances from roads, railways, power lines, K19 road lines over homesteads
  protection  K7 heritage, K15 public-welfare forest
  homesteads  K9 households, K17 new homes in a village that relocates
  totals      K10 construction in all, K14 facility farmland
  tables      K16 tables of the plan file
  projects    K18 projects without land and land without a project

A check gets (frames, standard) and gives a `CheckResult`. Which classes, lines, distances and levels count is data
(`Standard.sets`, `Standard.rules`): a check whose rule nobody has stated does not apply, and says so.
"""

from indicators.compute.conflicts.pieces import LEGACY, REAL, TECHNICAL, is_narrow

__all__ = ["LEGACY", "REAL", "TECHNICAL", "is_narrow"]
