"""Quality check of a plan database (成果质检): every rule of the catalogue, run as one report.

`registry` holds the rules, `case` what they look at, `report` what comes of them; the other modules are the rules.
"""

from planning.quality import geometry, logic, structure  # noqa: F401  importing a module of rules registers them
from planning.quality.case import Case
from planning.quality.registry import NotApplicable, rule, run

__all__ = ["Case", "NotApplicable", "rule", "run"]
