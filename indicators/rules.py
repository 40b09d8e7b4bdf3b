"""Who may do what with judgement; the same table stands in prose in docs/permissions.md."""

import rules

from portal.rules import OFFICIALS, STAFF, role_here


@rules.predicate
def is_author(user: object, comment: object) -> bool:
    return comment is not None and comment.author_id == user.pk


rules.add_perm("indicators.see_division", role_here(*STAFF))
rules.add_perm("indicators.check_division", role_here(*OFFICIALS))
rules.add_perm("indicators.ask_what_if", rules.is_authenticated & (is_author | role_here(*STAFF)))
