"""Edges of a version's layers on the plane of its village, prepared once and kept under the digest of their content.

For processes that live long and measure the same layer again and again; a layer that changed has another digest, and the
sets used least give way when they take more than EDGES_MEMORY_MB. A single judgement of a village prepares its few
hundred parcels in milliseconds and keeps nothing.
"""

import numpy as np
from django.conf import settings

from indicators import digests
from indicators.compute.edges import EdgeSet, Kept
from indicators.compute.frames import shapes
from indicators.compute.plane import Plane
from indicators.frames import frames_of, polygons
from planning.models import PlanVersion

LAYERS = ("base", "plan", "lines")
KEPT = Kept(settings.EDGES_MEMORY_MB * 2**20)


def edges_of(version: PlanVersion, layer: str) -> EdgeSet:
    """The polygons of a layer in the order of `frames_of`; two layers of a village lie on one plane."""
    if layer not in LAYERS:
        raise ValueError(f"{layer} has no polygons to keep")
    version = PlanVersion.objects.with_plan().get(pk=version.pk)
    plane = Plane.around(np.array(polygons([version.plan.village.geom]), object))
    return KEPT.get(f"{layer} {digests.of_version(version)[layer]} {plane}", lambda: _made(version, layer, plane))


def _made(version: PlanVersion, layer: str, plane: Plane) -> EdgeSet:
    return EdgeSet.of(shapes(getattr(frames_of(version, [layer]), layer)), plane)
