"""The kill drill: an import is killed at random moments, and whatever happened, nothing is there by half."""

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.core.files.base import ContentFile
from django.db import Error, connection

from planning import imports
from planning.drills.cluster import Cluster
from planning.models import PlanVersion, Zone
from portal import jobs
from portal.geo import sandbox
from portal.models import Job, Upload
from villages.models import Division, Village

VILLAGE = "370983999201"
WEST, SOUTH, CELL = 116.70, 36.10, 0.0002
BOUND = 90.0
"""seconds in which every job must have ended after a kill: a lease, a restart, up to three attempts"""
QUICK = {"JOB_LEASE_SECONDS": "4", "JOB_RESEND_SECONDS": "4"}
"""settings of worker and drill: minutes of waiting become seconds"""


class Drill:
    """Hands in the same plan again and again. `violations` says what was not as it must be."""

    def __init__(self, cluster: Cluster, zones: int, seed: int) -> None:
        self.cluster = cluster
        self.random = random.Random(seed)  # noqa: S311  moments, no secrets
        self.side = max(2, round(zones**0.5))
        self.village = make_village(self.side)
        self.file = plan_file(self.side)
        self.digest = ""
        self.usual = 0.0
        self.violations: list[str] = []
        self.moments: list[dict[str, Any]] = []

    def run(self, kills: int) -> dict[str, Any]:
        self.start_worker()
        self.undisturbed()  # the first one takes longer: its worker loads libraries
        self.usual = seconds_of(self.undisturbed())
        while len(self.moments) < kills:
            self.try_to_kill()
        self.undisturbed()
        return self.summary()

    def start_worker(self) -> None:
        """And wait for it: a kill between two imports would show little."""
        before = times_ready(self.cluster)
        self.cluster.start_worker()
        if not wait(lambda: times_ready(self.cluster) > before, 60):
            raise RuntimeError("The worker does not start.")

    def undisturbed(self) -> Upload:
        upload = self.hand_in()
        self.settle()
        upload.refresh_from_db()
        if upload.state != Upload.State.ACCEPTED:
            self.violations.append(f"an import that nobody disturbed ended as {upload.state}: {upload.job.message}")
        return upload

    def hand_in(self) -> Upload:
        file = ContentFile(self.file, name="plan.geojson")
        return imports.receive(file, name="plan.geojson", village=self.village, by=None, again=True)

    def try_to_kill(self) -> None:
        """One kill; none if the import was quicker than the moment chosen, then the next moments come earlier."""
        upload = self.hand_in()
        victim = self.random.choice(["worker", "postgres"])
        moment = self.random.uniform(0, self.usual)
        time.sleep(moment)
        seen = Job.objects.get(pk=upload.job_id)
        if seen.is_final:
            self.settle()
            self.usual = seconds_of(upload)
            return
        self.cluster.kill(victim)
        connection.close()
        if victim == "postgres":
            self.cluster.start_postgres()
        else:
            self.start_worker()
        took = self.settle()
        upload.refresh_from_db()
        self.moments.append(
            {"killed": victim, "after_s": round(moment, 2), "at_percent": seen.percent, "job_was": seen.state,
             "upload": upload.state, "attempts": upload.job.attempts, "settled_s": round(took, 1)}
        )  # fmt: skip

    def settle(self) -> float:
        """Sweep, as the scheduler would, until every job has ended; then look whether all is as it must be."""
        began = time.monotonic()
        while unfinished() and time.monotonic() - began < BOUND:
            again_and_again(jobs.sweep)
            time.sleep(0.3)
        took = time.monotonic() - began
        wait(lambda: sandbox.remove_leftovers(older_than_seconds=1) == 0 and not folders_of_readings(), 5)
        self.violations += [f"kill {len(self.moments) + 1}: {text}" for text in self.wrong()]
        return took

    def wrong(self) -> list[str]:
        """Everything that may not be, whatever was killed when."""
        found = [f"job {j.kind} {j.pk} is still {j.state} at attempt {j.attempts}" for j in unfinished()]
        found += [f"upload {u.pk} is {u.state}" for u in Upload.objects.filter(state=Upload.State.WAITING)]
        for version in PlanVersion.objects.all():
            self.digest = self.digest or version.digest
            count = version.zones.count()
            if (count, version.digest) != (self.side**2, self.digest):
                found.append(f"version {version.number} has {count} zones and digest {version.digest[:12]!r}")
        if (strays := Zone.objects.count() - PlanVersion.objects.count() * self.side**2) != 0:
            found.append(f"{strays} zones too many")
        made = Counter(PlanVersion.objects.values_list("upload_id", flat=True))
        for upload in Upload.objects.all():
            if made[upload.pk] != (upload.state == Upload.State.ACCEPTED):
                found.append(f"upload {upload.pk} is {upload.state} and has {made[upload.pk]} versions")
        found += [f"left behind: {path.name}" for path in folders_of_readings()]
        kept = {path.name for path in (Path(settings.MEDIA_ROOT) / "uploads").iterdir()}
        if orphans := kept ^ set(Upload.objects.values_list("pk", flat=True)):
            found.append(f"files without upload or uploads without file: {sorted(orphans)}")
        return found

    def summary(self) -> dict[str, Any]:
        return {
            "zones": self.side**2,
            "undisturbed_s": round(self.usual, 1),
            "kills": self.moments,
            "killed": dict(Counter(m["killed"] for m in self.moments)),
            "uploads": dict(Counter(Upload.objects.values_list("state", flat=True))),
            "resumed": sum(m["attempts"] > 1 for m in self.moments),
            "longest_settled_s": max((m["settled_s"] for m in self.moments), default=0),
            "violations": self.violations,
        }


def make_village(side: int) -> Village:
    """The cells joined: with their corners on its edges, for a long straight edge leaves a parallel by metres."""
    outline = shapely.MultiPolygon([shapely.coverage_union_all(cells(side))])
    division = Division.objects.create(code=VILLAGE, name="drill", level=Division.Level.VILLAGE)
    geom = GEOSGeometry(memoryview(shapely.to_wkb(outline)), srid=4490)
    return Village.objects.create(division=division, short_name="drill", geom=geom, source="drill")


def cells(side: int) -> np.ndarray:
    """side x side boxes that tile the village."""
    column, row = (n.ravel() for n in np.meshgrid(np.arange(side), np.arange(side)))
    west, south = WEST + CELL * np.arange(side + 1), SOUTH + CELL * np.arange(side + 1)
    return shapely.box(west[column], south[row], west[column + 1], south[row + 1])


def plan_file(side: int) -> bytes:
    """A plan of side x side cells that tile the village, as GeoJSON."""
    column, row = (n.ravel() for n in np.meshgrid(np.arange(side), np.arange(side)))
    edges = [WEST + CELL * np.arange(side + 1), SOUTH + CELL * np.arange(side + 1)]
    edges[0][-1], edges[1][-1] = WEST + side * CELL, SOUTH + side * CELL
    cells = shapely.box(edges[0][column], edges[1][row], edges[0][column + 1], edges[1][row + 1])
    features = [
        {
            "type": "Feature",
            "properties": {"BSM": str(n), "YDYHFLDM": "0101"},
            "geometry": shapely.geometry.mapping(cell),
        }
        for n, cell in enumerate(cells, 1)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    return json.dumps({"type": "FeatureCollection", "name": "GHYDYH", "crs": crs, "features": features}).encode()


def unfinished() -> list[Job]:
    return again_and_again(lambda: list(Job.objects.exclude(state__in=Job.FINAL)))


def again_and_again(ask: Callable[[], Any]) -> Any:
    """The drill's own connection dies with the database, as everybody's."""
    for _ in range(100):
        try:
            return ask()
        except Error:
            connection.close()
            time.sleep(0.2)
    return ask()


def folders_of_readings() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"{sandbox.PREFIX}*"))


def seconds_of(upload: Upload) -> float:
    """How long its import took."""
    job = Job.objects.get(pk=upload.job_id)
    return (job.finished_at - job.created_at).total_seconds()


def times_ready(cluster: Cluster) -> int:
    log = cluster.folder / "worker.log"
    return log.read_bytes().count(b" ready.") if log.exists() else 0


def wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True
