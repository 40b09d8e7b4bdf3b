"""What every page says of what-ifs below a comment (planning.below): those that were asked, and the way to ask."""

from django.contrib.auth.models import AnonymousUser

from indicators.models import WhatIf
from planning import below, maps
from planning.models import DECIDED, ENDED, Comment, PlanVersion
from portal.models import User

TEMPLATE = "indicators/includes/what_if_links.html"


def may_ask(user: User | AnonymousUser, comment: Comment, version: PlanVersion) -> bool:
    return version.state not in (*ENDED, *DECIDED) and user.has_perm("indicators.ask_what_if", comment)


@below.shown_by
def attach(comments: list[Comment], version: PlanVersion, reader: User | AnonymousUser) -> None:
    """Give comments of a version their what-ifs, and say whether the person may ask."""
    found: dict[str, list[WhatIf]] = {}
    rows = list(WhatIf.objects.visible_to(reader).filter(version=version).defer("result", "geom").order_by("at"))
    known = maps.classes(row.code for row in rows) if rows else {}
    for row in rows:
        row.name = known[row.code].name if row.code in known else row.code
        found.setdefault(row.comment_id, []).append(row)
    for comment in comments:
        public = not comment.waits and comment.hidden_at is None
        comment.own_what_ifs = found.get(comment.pk, [])
        comment.may_ask_what_if = public and may_ask(reader, comment, version)
        if comment.own_what_ifs or comment.may_ask_what_if:
            comment.below = TEMPLATE
