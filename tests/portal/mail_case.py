"""News by mail for the tests: the server of mail is set up, addresses are given, letters are sent."""

import datetime
import re

import pytest
from django.utils import timezone

from portal import mail, mail_addresses, notify

ADDRESS = "liu.daming@example.com"


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings):
    settings.MAIL_SET_UP = True
    settings.SITE_URL = "https://plan.example.gov.cn"


def give(user, address=ADDRESS, how_often="once", language="en"):
    return mail_addresses.give_address(user, by=user, address=address, how_often=how_often, language=language)


def link_in(letter, path):
    return re.search(rf"https://plan\.example\.gov\.cn(/mail/{path}/\S+)", letter.body)[1]


def tell(user, number=1, **more):
    return notify.tell([user], "in_force", url="/versions/x/", plan="柳沟村村庄规划", number=number, **more)


def run(**later):
    return mail.send_due(timezone.now() + datetime.timedelta(**later))
