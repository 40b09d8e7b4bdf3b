"""Base maps by setting: what is understood becomes addresses and one more host in the content policy, all else stops the start."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import basemaps
from tests.portal.test_settings import start

NAME = {"zh-hans": "县影像", "en": "County imagery"}
XYZ = {
    "kind": "xyz",
    "url": "https://tiles.example.gov.cn/{z}/{x}/{y}.png",
    "name": NAME,
    "attribution": "某县自然资源局",
    "datum": "cgcs2000",
}
KEY = "0123456789abcdef0123456789abcdef"


def told(*rows: dict) -> str:
    return json.dumps(rows, ensure_ascii=False)


def test_without_a_setting_no_other_host_is_named():
    assert start("print(s.BASE_MAPS, s.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'])").stdout == "[] [\"'self'\", 'data:', 'blob:']\n"  # fmt: skip


def test_tianditu_is_a_layer_with_its_names_from_eight_hosts():
    (one,) = basemaps.read(
        told({"kind": "tianditu", "layer": "img", "key": KEY, "approval": "GS（2024）0650号"}), https=True
    )
    assert one["name"]["zh-hans"] == "天地图 影像"
    assert [layer["url"].split("?")[0] for layer in one["layers"]] == [
        "https://t{s}.tianditu.gov.cn/img_w/wmts", "https://t{s}.tianditu.gov.cn/cia_w/wmts",
    ]  # fmt: skip
    for part in ("LAYER=img", "TILEMATRIXSET=w", "TILEMATRIX={z}", "TILEROW={y}", "TILECOL={x}", f"tk={KEY}"):
        assert part in one["layers"][0]["url"]
    assert basemaps.hosts([one]) == [f"https://t{n}.tianditu.gov.cn" for n in range(8)]
    assert one["approval"] == "GS（2024）0650号"
    assert not one["shifted"]


def test_the_content_policy_gets_exactly_the_hosts_of_the_setting():
    say = "print(s.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'][3:])"
    rows = told(XYZ, {**XYZ, "url": "https://{s}.wms.example.gov.cn:8443/{z}/{x}/{-y}.png", "subdomains": ["a", "b"]}, {**XYZ, "url": "/tiles/{z}/{x}/{y}.png"})  # fmt: skip
    assert start(say, BASE_MAPS=rows).stdout == (
        "['https://a.wms.example.gov.cn:8443', 'https://b.wms.example.gov.cn:8443', 'https://tiles.example.gov.cn']\n"
    )


def test_the_setting_may_name_a_file(tmp_path):
    file = tmp_path / "base_maps.json"
    file.write_text(told(XYZ), encoding="utf-8")
    assert "https://tiles.example.gov.cn" in start("print(s.CONTENT_SECURITY_POLICY)", BASE_MAPS=str(file)).stdout
    refused = start(BASE_MAPS=str(tmp_path / "none.json"))
    assert refused.returncode
    assert "BASE_MAPS names a file" in refused.stderr


@pytest.mark.parametrize(
    ("row", "address"),
    [
        (
            {"url": "https://w.example.gov.cn/wmts/img/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png", "matrix_set": "w"},
            "https://w.example.gov.cn/wmts/img/default/w/{z}/{y}/{x}.png",
        ),
        (
            {"url": "https://w.example.gov.cn/wmts", "layer": "img", "matrix_set": "w"},
            "https://w.example.gov.cn/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=img&STYLE=default&TILEMATRIXSET=w"
            "&FORMAT=image%2Fpng&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",
        ),
    ],
)  # fmt: skip
def test_wmts_is_taken_as_a_path_or_as_keys(row, address):
    rows = told({"kind": "wmts", "name": NAME, "attribution": "某局", "datum": "wgs84", **row})
    assert basemaps.read(rows, https=False)[0]["layers"][0]["url"] == address


SHIFTED = [
    "https://webrd01.is.autonavi.com/{z}/{x}/{y}",
    "https://mt1.google.cn/{z}/{x}/{y}",
    "https://rt0.map.gtimg.com/{z}/{x}/{y}",
]


@pytest.mark.parametrize("url", SHIFTED)
def test_a_host_of_shifted_maps_is_refused_unless_that_is_said(url):
    with pytest.raises(ImproperlyConfigured, match="GCJ-02"):
        basemaps.read(told({**XYZ, "url": url, "datum": "wgs84"}), https=True)
    (one,) = basemaps.read(told({**XYZ, "url": url, "datum": "gcj02"}), https=True)
    assert one["shifted"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("{not json", "cannot be read"),
        ("[{]", "no JSON"),
        ('["x"]', "list of objects"),
        (told({**XYZ, "kind": "wms"}), "kind must be"),
        (told({**XYZ, "colour": "red"}), "colour is not known"),
        (told({k: v for k, v in XYZ.items() if k != "datum"}), "datum must be said"),
        (told({**XYZ, "url": "https://x.cn/{z}.png"}), "{z}, {x} and {y}"),
        (told({**XYZ, "url": "http://x.cn/{z}/{x}/{y}"}), "https"),
        (told({**XYZ, "url": "//x.cn/{z}/{x}/{y}"}), "url must begin"),
        (told({**XYZ, "url": "https://*.cn/{z}/{x}/{y}"}), "url must begin"),
        (told({**XYZ, "url": "https://x.cn;script-src/{z}/{x}/{y}"}), "url must begin"),
        (told({**XYZ, "url": "https://online1.map.bdimg.com/{z}/{x}/{y}", "datum": "gcj02"}), "BD-09"),
        (told({**XYZ, "url": "https://{s}.cn/{z}/{x}/{y}"}), "subdomains"),
        (told({**XYZ, "name": "影像"}), "name must be"),
        (told({**XYZ, "attribution": ""}), "attribution"),
        (told({**XYZ, "max_zoom": 99}), "max_zoom"),
        (told({"kind": "tianditu", "key": ""}), "key must be"),
        (told({"kind": "wmts", "url": "https://x.cn/wmts", "name": NAME, "attribution": "x", "datum": "wgs84"}), "layer is missing"),
    ],
)  # fmt: skip
def test_what_is_not_understood_stops_the_start_with_a_sentence(rows, words):
    with pytest.raises(ImproperlyConfigured, match="BASE_MAPS") as refused:
        basemaps.read(rows, https=True)
    assert words in str(refused.value)
