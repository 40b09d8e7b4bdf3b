"""Who may do what with plans; the same table stands in prose in docs/permissions.md."""

import rules

from portal.models import Role
from portal.rules import OFFICIALS, STAFF, is_signed_in, role_here

is_author_side = role_here(Role.COMMITTEE, Role.PLANNER)
is_township = role_here(Role.TOWNSHIP)
is_reviewer = role_here(Role.COUNTY_REVIEWER)
is_leader = role_here(Role.COUNTY_LEADER)
is_official = role_here(*OFFICIALS)


@rules.predicate
def is_public(user: object, version: object) -> bool:
    return version is not None and version.is_public


rules.add_perm("planning.upload_plan", is_author_side)
rules.add_perm("planning.except", is_reviewer | is_leader)
rules.add_perm("planning.commission", is_township | is_reviewer | is_leader)
rules.add_perm("planning.choose_track", is_author_side | is_township)
rules.add_perm("planning.record_round", is_author_side | is_township)
rules.add_perm("planning.record_assembly", role_here(Role.COMMITTEE, Role.TOWNSHIP))
rules.add_perm("planning.write_decision", is_reviewer | is_leader)
rules.add_perm("planning.answer_return", is_author_side)
rules.add_perm("planning.settle_return", is_reviewer | is_leader)
rules.add_perm("planning.judge", role_here(*STAFF))
rules.add_perm("planning.review", is_official)
rules.add_perm("planning.comment", is_signed_in & is_public)
rules.add_perm("planning.enter_comment", is_author_side | is_township)
rules.add_perm("planning.take_in_consultation", role_here(Role.COMMITTEE, Role.TOWNSHIP, Role.COUNTY_REVIEWER))
rules.add_perm("planning.reply", is_author_side | is_township)
