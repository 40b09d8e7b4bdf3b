"""Who may do what with judgement; the same table stands in prose in docs/permissions.md."""

import rules

from portal.rules import OFFICIALS, STAFF, role_here

rules.add_perm("indicators.see_division", role_here(*STAFF))
rules.add_perm("indicators.check_division", role_here(*OFFICIALS))
