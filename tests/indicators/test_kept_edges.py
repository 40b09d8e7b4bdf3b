"""Prepared edges of a layer are made once and made anew when the layer changed."""

import numpy as np
import pytest
from django.db.models import F

from indicators import kept_edges
from indicators.compute.edges import Kept
from indicators.compute.frames import shapes
from indicators.compute.overlay import pair_areas, pair_areas_kept
from indicators.frames import frames_of
from villages.models import Village


@pytest.fixture(autouse=True)
def _empty(monkeypatch):
    monkeypatch.setattr(kept_edges, "KEPT", Kept(2**26))


def test_they_are_those_of_the_layers_and_made_once(version):
    base, plan = (kept_edges.edges_of(version, layer) for layer in ("base", "plan"))
    assert kept_edges.edges_of(version, "base") is base
    frames = frames_of(version, ["base", "plan"])
    kept, fresh = pair_areas_kept(base, plan), pair_areas(shapes(frames.base), shapes(frames.plan))
    assert kept[0].tolist() == fresh[0].tolist()
    assert kept[2] == pytest.approx(fresh[2], rel=1e-6)


def test_a_changed_layer_is_prepared_anew_and_the_others_are_not(version, village):
    base, lines = (kept_edges.edges_of(version, layer) for layer in ("base", "lines"))
    village.parcels.first().delete()
    Village.objects.filter(pk=village.pk).update(revision=F("revision") + 1)  # as every writer of base data does
    again = kept_edges.edges_of(version, "base")
    assert len(again) == len(base) - 1
    assert np.nansum(again.area_m2) < np.nansum(base.area_m2)
    assert kept_edges.edges_of(version, "lines") is lines


def test_points_and_tables_have_no_edges(version):
    with pytest.raises(ValueError, match="households"):
        kept_edges.edges_of(version, "households")
