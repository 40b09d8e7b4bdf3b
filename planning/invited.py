"""What plans have to do with joining by a household's code: which plan the slips are for, which nicknames are refused here, and
comments that waited for nothing but the invitation."""

from planning import held, moderation
from planning.models import PlanVersion, State
from portal import nicknames
from portal.models import User
from villages import household_codes, joining
from villages.models import Village


@household_codes.knows_open_plan
def plan_in_notice(village: Village) -> household_codes.Open | None:
    """The plan of the village in public notice; of several the one whose notice ends last."""
    rows = PlanVersion.objects.filter(plan__village=village, state=State.NOTICE).select_related("plan", "notice")
    last = max(rows, key=lambda version: version.notice.closes_on, default=None)
    return household_codes.Open(last.plan.name, last.notice.closes_on) if last else None


@nicknames.also_refused
def has_listed_word(nickname: str, division_code: str) -> bool:
    """A word that would hold a comment for a look (关注词) does not stand in a name either."""
    return bool(held.words_in(nickname, division_code))


@joining.when_joined
def let_out(user: User) -> None:
    moderation.release_of(user)
