"""Six real statutory plans come through the door whole: zones, Chinese field names, areas and their real faults."""

import io
import re
import zipfile
from collections import Counter

import numpy as np
import pytest
import shapely
from pyproj import Geod

from portal.geo import crs, quality, readers

PLATEAU = {"tamana_landuse": 363, "tsukuba_usedistrict": 1}
ZONES = {"L0309": 38, "T0207": 95, "U0209": 77, "U0210": 157, "U0211": 76, "V0307": 163}


@pytest.fixture
def plans(shared_data):
    return shared_data / "zoning_taiwan"


@pytest.fixture
def big5_upload(plans, tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for part in sorted((plans / "shp_big5_nocpg").iterdir()):
            opened.write(part, part.name)
    path = tmp_path / "upload"
    path.write_bytes(made.getvalue())
    return path


def stated_areas(layer: readers.Layer) -> np.ndarray:
    return layer.rows["Shape_Area"].astype(float).to_numpy()


@pytest.mark.parametrize(("plan", "zones"), ZONES.items())
def test_a_plan_as_geojson_has_all_zones_and_its_own_areas(plans, plan, zones):
    (layer,) = readers.read(plans / f"{plan}.json", name=f"{plan}.json").layers
    assert len(layer.rows) == len(layer.geometry) == zones
    assert layer.name == plan
    assert layer.crs_text.startswith("EPSG:3826 ")
    assert layer.fields[6] == "使用分"
    assert layer.rows["使用分"].notna().all()
    assert np.abs(crs.area_m2(layer.geometry) / stated_areas(layer) - 1).max() < 0.001


def test_the_big5_shapefile_without_cpg_says_the_same_as_the_geojson(plans, big5_upload):
    (shape,) = readers.read(big5_upload, name="U0210.zip").layers
    (json,) = readers.read(plans / "U0210.json", name="U0210.json").layers
    assert shape.encoding == "cp950"
    assert {note["reason"] for note in shape.notes} <= {"encoding_detected", "encoding_ambiguous"}
    assert shape.fields == json.fields
    for field in json.fields:
        ours, theirs = shape.rows[field], json.rows[field]
        if theirs.map(lambda value: isinstance(value, str)).any():
            assert ours.fillna("").tolist() == theirs.fillna("").tolist()
    assert shapely.hausdorff_distance(shape.geometry, json.geometry).max() < 1e-9
    assert np.abs(crs.area_m2(shape.geometry) / stated_areas(shape) - 1).max() < 0.001


def test_an_encoding_the_uploader_chooses_goes_before_detection(big5_upload):
    assert readers.read(big5_upload, name="U0210.zip", encoding="Big5").layers[0].rows["使用分"][0] == "住宅區"
    with pytest.raises(readers.Refused) as refused:
        readers.read(big5_upload, name="U0210.zip", encoding="utf-8")
    (issue,) = refused.value.issues
    assert issue.code == "F1"
    assert issue.params["reason"] == "name_not_in_encoding"  # Chinese field names come before the rows
    assert issue.params["field"] == 3


def test_the_three_broken_zones_of_a_plan_are_named_by_row_and_place(plans):
    (layer,) = readers.read(plans / "T0207.json", name="T0207.json").layers
    issues = quality.check_zones(
        layer.name, layer.rows["使用分"], layer.geometry, known_codes=set(layer.rows["使用分"]), outline=None
    )
    broken = [issue for issue in issues if issue.code == "G1"]
    assert [issue.row for issue in broken] == [63, 66, 75]
    for issue in broken:
        assert issue.level == "error"
        assert issue.params["reason"] == "ring_self_intersection"
        assert issue.geom.distance(layer.geometry[issue.row - 1]) < 1e-9


def test_the_small_real_overlaps_are_found_and_projected_areas_are_remarked(plans):
    (layer,) = readers.read(plans / "U0210.json", name="U0210.json").layers
    issues = quality.check_zones(
        layer.name, layer.rows["使用分"], layer.geometry, known_codes=set(layer.rows["使用分"]),
        outline=shapely.union_all(layer.geometry), file_area=layer.rows["Shape_Area"],
    )  # fmt: skip
    counted = Counter((issue.code, issue.level) for issue in issues)
    assert set(counted) == {("G5", "error"), ("A1", "warning")}
    assert counted["G5", "error"] == 4
    assert all(0 < issue.params["area_m2"] < 5 for issue in issues if issue.code == "G5")


@pytest.fixture
def plateau(shared_data):
    return shared_data / "zoning_plateau"


@pytest.mark.parametrize(("plan", "features"), PLATEAU.items())
def test_a_citygml_has_all_features_with_the_areas_of_its_own_coordinates(plateau, plan, features):
    """The rings are found here by a search of the text, and measured on the ellipsoid of the file's own datum."""
    path = plateau / f"{plan}.gml"
    (layer,) = readers.read(path, name=path.name).layers
    assert len(layer.rows) == features
    assert layer.crs_text.startswith("EPSG:6668 ")  # the plane part of EPSG:6697
    assert "z_dropped" in {note["reason"] for note in layer.notes}
    assert not shapely.has_z(layer.geometry).any()
    members = re.findall(r"<core:cityObjectMember>.*?</core:cityObjectMember>", path.read_text("utf-8"), re.DOTALL)
    areas = [sum(ring_areas(member)) for member in members]
    assert np.allclose(crs.area_m2(layer.geometry), areas, rtol=1e-6, atol=1e-3)


def ring_areas(member: str) -> list[float]:
    """Of the outlines, and less than zero of the holes."""
    geod, found = Geod(ellps="GRS80"), []
    for part, ring in re.findall(r"<gml:(exterior|interior)>.*?<gml:posList>(.*?)</gml:posList>", member, re.DOTALL):
        numbers = np.array(ring.split(), dtype=float).reshape(-1, 3)
        area = abs(geod.polygon_area_perimeter(numbers[:, 1], numbers[:, 0])[0])
        found.append(area if part == "exterior" else -area)
    return found


def test_codes_of_a_citygml_keep_their_zeros_and_say_which_list_they_are_of(plateau):
    (zones,) = readers.read(plateau / "tsukuba_usedistrict.gml", name="tsukuba_usedistrict.gml").layers
    row = zones.rows.iloc[0]
    assert (row["prefecture"], row["city"], row["name"]) == ("08", "08220", "第一種低層住居専用地域")
    assert row["city_codeSpace"] == "../../codelists/Common_localPublicAuthorities.xml"
    (land,) = readers.read(plateau / "tamana_landuse.gml", name="tamana_landuse.gml").layers
    assert set(land.rows["class"]) >= {"201", "215"}
    stated = land.rows["areaInSquareMeter"].astype(float)
    assert np.median(np.abs(crs.area_m2(land.geometry) / stated - 1)) < 0.001
