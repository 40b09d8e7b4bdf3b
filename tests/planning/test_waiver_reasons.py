"""Reasons of an exception are asked for where it is written, whatever the door somebody came through."""

import pytest
from django.core.files.base import ContentFile

from planning import waivers
from planning.models import Finding, Waiver
from portal.errors import PortalError
from tests.grid import cell, geos


@pytest.mark.parametrize("reason", ["", " \x00 ", "长" * 2001])
def test_an_exception_without_a_reason_or_with_too_long_a_one_is_not_kept(reason, version, cast):
    finding = Finding.objects.create(
        version=version, number=1, code="K1", severity="block", category="real", key="k" * 64, area_m2=9,
        geom=geos(cell(0, 0)), zone=version.zones.first(),
    )  # fmt: skip
    with pytest.raises(PortalError) as refused:
        waivers.propose(
            finding,
            reason=reason,
            document=ContentFile(b"%PDF-1.7", "a.pdf"),
            document_number="鲁1号",
            by=cast.reviewer,
        )
    assert refused.value.code == "reason"
    assert not Waiver.objects.exists()
