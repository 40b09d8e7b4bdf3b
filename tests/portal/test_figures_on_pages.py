"""Areas, money and dates as pages show them."""

import datetime

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from portal.templatetags import portal as tags


@pytest.mark.parametrize(
    ("m2", "english", "chinese"),
    [
        (8000, "0.80 ha (12.0 mu)", "0.80公顷（12.0亩）"),
        (94.3, "94 m² (0.14 mu)", "94平方米（0.14亩）"),
        (3_026_090, "302.61 ha (4,539.1 mu)", "302.61公顷（4,539.1亩）"),
        (0, "0 m² (0.00 mu)", "0平方米（0.00亩）"),
        (None, "–", "–"),
    ],
)
def test_an_area_is_told_in_both_units(m2, english, chinese):
    with translation.override("en"):
        assert tags.area(m2) == english
    with translation.override("zh-hans"):
        assert tags.area(m2) == chinese


def test_a_rounded_zero_has_no_sign():
    assert tags.number(-0.001) == "0.00"


def test_fifteen_mu_are_a_hectare():
    ratio = tags.M2_PER_HA / tags.M2_PER_MU
    assert ratio == pytest.approx(15)


def test_money_is_told_in_yuan_or_ten_thousands_of_yuan():
    with translation.override("en"):
        assert tags.money(35) == "350,000 yuan"
    with translation.override("zh-hans"):
        assert tags.money(35) == "35万元"
        assert tags.money(35.5) == "35.50万元"


def test_a_moment_is_told_as_the_day_in_china():
    late = datetime.datetime(2026, 3, 1, 20, 0, tzinfo=datetime.UTC)  # already the second of March in Shanghai
    with translation.override("zh-hans"):
        assert tags.day(late) == "2026年3月2日"
    with translation.override("en"):
        assert tags.day(late) == "2 March 2026"


def test_a_counted_figure_is_whole():
    assert (tags.plain(436.0), tags.plain(86.4), tags.plain(None)) == ("436", "86.40", "–")


def test_a_swatch_escapes_its_colour():
    assert "<script>" not in tags.swatch('"><script>')


def test_the_query_keeps_what_is_not_replaced():
    request = RequestFactory().get("/villages/", {"q": "柳沟", "page": "2"})
    said = Template("{% load portal %}{% query_with page=3 %}").render(Context({"request": request}))
    assert said == "q=%E6%9F%B3%E6%B2%9F&amp;page=3"


def test_page_numbers_have_gaps_not_hundreds():
    assert tags.page_numbers(Paginator(range(1000), 10), 50) == [1, 0, 49, 50, 51, 0, 100]
