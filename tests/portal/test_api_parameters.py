"""No address of the API ignores a parameter it does not know."""

import pytest
from django.urls import get_resolver

from tests.test_api_inventory import META, addresses

pytestmark = pytest.mark.django_db


def test_a_parameter_that_does_not_exist_is_refused_everywhere(public_version, village, as_user):
    known = {
        "/versions/{id}": f"/versions/{public_version.pk}", "/plans/{id}": f"/plans/{public_version.plan_id}",
        "/villages/{code}": f"/villages/{village.pk}", "/divisions/{code}": f"/divisions/{village.division.parent_id}",
    }  # fmt: skip
    client, refused, ignored = as_user("committee"), [], []
    for route in sorted(addresses(get_resolver().url_patterns) - META):
        address = route
        for part, real in known.items():
            address = address.replace(part, real)
        if not route.startswith("/api/v1/") or "{" in address or client.get(address).status_code != 200:
            continue
        answer = client.get(f"{address}?nonsense=1")
        (refused if answer.status_code == 400 and "nonsense" in answer.content.decode() else ignored).append(route)
    assert not ignored
    assert len(refused) > 50
