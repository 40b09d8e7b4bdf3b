"""Quality check of a plan database (成果质检): every rule of the catalogue, run as one report.

`registry` holds the rules, `case` what they look at, `report` what comes of them; the other modules are the rules.
"""

# Importing a module of rules registers them.
from planning.quality import areas, coordinates, geometry, logic, structure, values  # noqa: F401
from planning.quality.case import Case
from planning.quality.registry import NotApplicable, rule, run

__all__ = ["Case", "NotApplicable", "rule", "run"]
