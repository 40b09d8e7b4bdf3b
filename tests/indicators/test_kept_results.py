"""Nothing unchanged is computed twice, only what is missing is read, and whatever changes is noticed."""

import datetime
import threading

import numpy as np
import pandas as pd
import pytest
import shapely
from django.db import connection
from django.utils import timezone

from indicators import digests, kept, profiles, runs
from indicators.catalogue import INDICATORS
from indicators.checks import CHECKS
from indicators.compute.frames import LAYERS, PIECES, CheckResult, Measure
from indicators.compute.standard import load_standard
from indicators.frames import frames_of
from indicators.models import LayerDigest, StoredResult
from planning.models import PlanVersion, Project
from portal.audit import AuditEntry
from portal.geo import sql
from tests import world
from tests.grid import cell, geos
from villages.models import Facility, Road, Village

LINES_ONLY = {"i2", "i3"}


@pytest.fixture
def computed(monkeypatch):
    """Names of what was computed and the layers that were read since the list was emptied."""
    seen = {"works": [], "layers": []}
    real_frames, real_seen = kept.frames_of, kept.seen_by

    def frames(version, layers):
        seen["layers"].append(set(layers))
        return real_frames(version, layers)

    def work(work, frames):
        seen["works"].append(work.name)
        return real_seen(work, frames)

    monkeypatch.setattr(kept, "frames_of", frames)
    monkeypatch.setattr(kept, "seen_by", work)
    return seen


def forget(seen: dict) -> None:
    seen["works"].clear()
    seen["layers"].clear()


def test_a_run_keeps_ledgers_and_change_matrix(version, village):
    run = runs.judge(version)
    orchard = sum(p.area_m2 for p in village.parcels.filter(code="0201"))
    moved = {(c.base_code, c.plan_code): c.area_m2 for c in run.changes.all()}
    assert moved["0201", "070301"] == pytest.approx(orchard, rel=1e-6)
    assert run.ledgers["construction"]["increase_m2"] == pytest.approx(orchard, rel=1e-6)
    assert sum(moved.values()) == pytest.approx(run.village_area_m2, rel=1e-6)


def test_the_first_computation_computes_everything_once(version, computed):
    run = runs.judge(version)
    assert len(computed["works"]) == len(set(computed["works"])) == StoredResult.objects.count()
    assert set(run.sources["results"]) == set(computed["works"])
    assert set(run.sources["results"].values()) == set(StoredResult.objects.values_list("key", flat=True))


def test_a_version_with_the_same_zones_and_other_projects_computes_no_overlay(version, village, computed):
    first = runs.judge(version)
    forget(computed)
    other = PlanVersion.objects.create(plan=version.plan, number=2)
    for zone in version.zones.all():
        zone.pk, zone.version = None, other
        zone.save(force_insert=True)
    Project.objects.create(version=other, number=1, name="村道硬化", kind="道路交通")
    PlanVersion.objects.filter(pk=other.pk).update(digest="other")
    second = runs.judge(other)
    assert not [n for n in computed["works"] if "projects" not in inputs(n)]
    assert {v.code: v.value for v in first.values.all()} == {v.code: v.value for v in second.values.all()}


def inputs(name: str) -> tuple[str, ...]:
    listed = {f"i{c}": i.inputs for c, i in INDICATORS.items()} | {f"c{c}": k.inputs for c, k in CHECKS.items()}
    return listed.get(name, ("plan", "base", "village.flex_quota_m2") if name == "ledgers" else ("plan", "base"))


def test_a_changed_zone_computes_nothing_that_looks_at_lines_alone(version, village, computed):
    runs.judge(version)
    forget(computed)
    rows = world.plan_rows()
    rows[5] = "0703"
    runs.judge(world.make_version(village, rows=rows))
    assert "i1" in computed["works"]
    assert not LINES_ONLY & set(computed["works"])
    assert all("plan" in inputs(name) or "projects" in inputs(name) for name in computed["works"])


def test_a_changed_fact_computes_what_divides_by_it_and_reads_no_line(version, village, computed):
    before = runs.judge(version).values.get(code="7").value
    forget(computed)
    village.facts.filter(code="population").update(value=600)
    after = runs.judge(version).values.get(code="7").value
    assert after == pytest.approx(2 * before, rel=1e-12)
    assert "i7" in computed["works"]
    assert all("village.population" in inputs(name) for name in computed["works"])
    asked = set().union(*(inputs(name) for name in computed["works"])) & set(LAYERS)
    assert computed["layers"] == [asked]


def test_what_was_so_before_is_not_computed_again_and_holds_again(version, village, computed):
    first = runs.judge(version)
    runs_of = [first.digest]
    for value in (600, 1200):
        village.facts.filter(code="population").update(value=value)
        forget(computed)
        runs_of.append(runs.judge(version).digest)
    assert runs_of[0] == runs_of[2] != runs_of[1]
    assert computed["works"] == []
    assert runs.newest(version).values.get(code="7").denominator == 1200


def test_every_function_looks_only_at_what_it_says(version, village):
    frames, standard = frames_of(version), load_standard()
    asked = [(f"i{c}", i) for c, i in INDICATORS.items()] + [(f"c{c}", k) for c, k in CHECKS.items()]
    for name, listed in asked:
        for given in listed.inputs:
            assert given in LAYERS or given.removeprefix("village.") in known_facts(), (name, given)
        work = kept.Work(name, listed.inputs, listed.function, repr, repr)
        pack = kept.pack_measure if name[0] == "i" else kept.pack_check
        some, all_ = listed.function(kept.seen_by(work, frames), standard), listed.function(frames, standard)
        assert pack(some) == pack(all_), name


def known_facts() -> set[str]:
    from villages.models import Fact

    return {*Fact.Code.values, "area_m2", "geom", "type", "terrain", "base_year", "target_year", "target_4"}


def test_pieces_come_back_to_the_last_bit():
    ring = np.array([[116.8 + 1e-15, 36.1], [116.9, 36.1 + 1 / 3], [117.0, 36.0], [116.8 + 1e-15, 36.1]])
    shape = shapely.MultiPolygon([shapely.Polygon(ring)])
    rows = [
        (3, "1001", "real", 1 / 3, shape, "", {"limit": 0.1 + 0.2}),
        (None, "", "real", 0.0, None, "户-17", {}),
    ]
    result = CheckResult("checked", pd.DataFrame(rows, columns=PIECES), "")
    stored = StoredResult.objects.model(key="k", name="c", payload=kept.pack_check(result), seconds=0)
    back = kept.unpack_check(stored.payload)
    assert shapely.to_wkb(back.pieces["geom"][0]) == shapely.to_wkb(shape)
    assert back.pieces["geom"][1] is None
    assert back.pieces["zone"].tolist() == [3, None]
    assert back.pieces["area_m2"].tolist() == [1 / 3, 0.0]
    assert back.pieces["detail"].tolist() == [{"limit": 0.1 + 0.2}, {}]
    assert len(kept.unpack_check(kept.pack_check(CheckResult("not_applicable", result.pieces[:0], "n"))).pieces) == 0


@pytest.mark.django_db
def test_a_kept_payload_comes_back_from_the_database_as_it_went():
    measure = Measure(
        1 / 3, "ha", 2 / 3, "m²", 1e-17, "person", base_value=123456789.123456789, parts=({"kind": "11", "m": 0.1},)
    )
    StoredResult.objects.create(key="k", name="i", payload=kept.pack_measure(measure), seconds=0)
    assert kept.unpack_measure(StoredResult.objects.get(key="k").payload) == measure


def test_two_workers_at_once_write_one_run(transactional_world):
    version = transactional_world
    found = []

    def work() -> None:
        found.append(runs.judge(version).pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert version.runs.count() == 1
    assert AuditEntry.objects.filter(verb="version.judged", object_id=version.pk).count() == 1
    findings = version.findings.values_list("number", flat=True)
    assert len(findings) == len(set(findings)) > 0


@pytest.fixture
def transactional_world(transactional_db, django_db_serialized_rollback):
    village = world.make_village()
    return world.make_version(village, rows=["1001", *world.plan_rows()[1:]])


# --- staleness


def raise_revision(village: Village) -> None:
    Village.objects.filter(pk=village.pk).update(revision=Village.objects.get(pk=village.pk).revision + 1)


def change_parcel(village: Village) -> None:
    village.parcels.filter(number=1).update(code="0103")
    raise_revision(village)


def change_line(village: Village) -> None:
    village.control_lines.filter(number=1).update(geom=geos(cell(0, 0, 10, 3)))
    raise_revision(village)


def expire_line(village: Village) -> None:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    village.control_lines.filter(number=1).update(valid_to=yesterday)


def change_fact(village: Village) -> None:
    village.facts.filter(code="population").update(value=1)


def store_profile(village: Village) -> None:
    profiles.JudgementProfile.objects.create(
        name="town", title="Town", division_code=village.code[:9], content={"limits": {"technical_m2": {"value": 50}}},
        source="test", valid_from=timezone.localdate(),
    )  # fmt: skip


CHANGES = [change_parcel, change_line, expire_line, change_fact, store_profile]


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__name__)
def test_whatever_a_result_came_from_makes_it_stale(version, village, change):
    run = runs.judge(version)
    assert not runs.is_stale(run)
    change(village)
    assert runs.is_stale(type(run).objects.get(pk=run.pk))
    assert runs.stale_versions(PlanVersion.objects.all()) == (set(), {version.pk})
    assert not runs.is_stale(runs.judge(version))


def test_roads_and_facilities_of_others_count_though_no_revision_does(version, village):
    before = digests.around(version)
    road = Road.objects.create(
        division_id=world.COUNTY, kind="G", name="国道", geom=line(116.79, 36.105, 116.82, 36.105), source="t"
    )
    other = world.make_village(world.OTHER, col=10)
    Facility.objects.filter(village=other).update(geom=geos(cell(12, 5)).centroid)
    after = digests.around(version)
    assert {k for k in after if after[k] != before[k]} == {"roads", "facilities"}
    Road.objects.filter(pk=road.pk).update(geom=line(117.5, 36.5, 117.6, 36.5))  # far away
    assert digests.around(version)["roads"] == ""


def line(*numbers: float):
    from django.contrib.gis.geos import LineString, MultiLineString

    return MultiLineString(LineString(numbers[:2], numbers[2:]), srid=4490)


def test_parcels_stored_again_unchanged_change_nothing(version, village):
    run = runs.judge(version)
    rows = list(village.parcels.values("village_id", "number", "code", "geom", "source"))
    village.parcels.all().delete()
    type(version.plan.village).parcels.rel.related_model.objects.bulk_create(
        type(village).parcels.rel.related_model(**row) for row in rows
    )
    raise_revision(village)
    assert not runs.is_stale(run)


def test_every_column_of_a_layer_is_in_its_digest():
    text = " ".join(sql.text(f"indicators/digest_{name}") for name in ("layers", "near", "version"))
    for layer, columns in LAYERS.items():
        rows = [part for part in text.split("ROW(")[1:] if set(columns) <= columns_of(part)]
        assert rows, layer


def columns_of(part: str) -> set[str]:
    return {name.strip() for name in part.split(")")[0].split(",")}


def test_asking_whether_it_is_stale_reads_no_layer(version, village, computed, django_assert_max_num_queries):
    run = runs.judge(version)
    forget(computed)
    run = type(run).objects.select_related("version__plan__village").get(pk=run.pk)
    with django_assert_max_num_queries(7):
        assert not runs.is_stale(run)
    assert computed["layers"] == []
    assert LayerDigest.objects.filter(village=village).count() == len(digests.KEPT)


def test_a_whole_list_is_asked_with_as_many_queries_as_one(village, cast, django_assert_max_num_queries):
    versions = [world.make_version(village)]
    versions += [
        world.make_version(world.make_village(code, col=20 * n)) for n, code in ((1, world.OTHER), (2, world.FAR))
    ]
    for version in versions[:2]:
        runs.judge(version)
    change_fact(village)
    with django_assert_max_num_queries(12):
        missing, stale = runs.stale_versions(PlanVersion.objects.all())
    assert (missing, stale) == ({versions[2].pk}, {versions[0].pk})


def test_old_results_are_removed_unless_a_newest_run_was_made_of_them(version, village):
    runs.judge(version)
    used = runs.judge(version).sources["results"].values()
    change_fact(village)
    newest = set(runs.judge(version).sources["results"].values())
    assert kept.prune() == 0
    StoredResult.objects.update(made_at=timezone.now() - datetime.timedelta(days=400))
    assert kept.prune() == len(set(used) - newest) > 0
    assert set(StoredResult.objects.values_list("key", flat=True)) == newest
