"""A version in joint review, with requests to the department of agriculture or the expert."""

import datetime
from types import SimpleNamespace

from django.utils import timezone

from planning import reviews
from planning.models import PlanVersion, ReviewRequest, WorkflowRule
from portal import workdays
from portal.models import Membership, User
from tests import world


def working_day(days: int = 5) -> datetime.date:
    return workdays.add(timezone.localdate(), days, world.LIUGOU)


def asked(version: PlanVersion, cast: SimpleNamespace, whom: str = "expert") -> ReviewRequest:
    """A request to the cast's expert or department, by the county reviewer."""
    person = {"expert": cast.expert} if whom == "expert" else {"department": whom}
    return reviews.ask(version, by=cast.reviewer, due_on=working_day(), **person)


def opened(version: PlanVersion, cast: SimpleNamespace, whom: str = "expert") -> ReviewRequest:
    """The same, with the absence of a conflict declared."""
    request = asked(version, cast, whom)
    reviews.declare_interest(request, by=getattr(cast, whom), conflict=False)
    return request


def make_late(request: ReviewRequest) -> None:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    ReviewRequest.objects.filter(pk=request.pk).update(due_on=yesterday)


def add_member(name: str, role: str, department: str = "") -> User:
    """One more person with a role in the county."""
    user = User.objects.create_user(name, full_name=name)
    Membership.objects.create(user=user, role=role, division_code=world.COUNTY, department=department)
    return user


def beyond_notice(version: PlanVersion, state: str) -> PlanVersion:
    """The version in a state after the public notice, whose days are taken as over."""
    WorkflowRule.objects.get_or_create(
        division_code=world.COUNTY,
        valid_from="2020-01-01",
        defaults={"notice_days": 30, "closing_early": True, "source": "test"},
    )
    return world.advance(version, state)
