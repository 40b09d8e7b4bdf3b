"""Counting refusals stands in nobody's way."""

from portal import access


def test_a_cache_that_is_emptied_meanwhile_is_no_fault_of_the_page(client, version, monkeypatch):
    monkeypatch.setattr(access.cache, "add", lambda *args, **kwargs: None)
    assert client.get(f"/versions/{version.pk}/").status_code == 404
