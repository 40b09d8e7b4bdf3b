"""Base maps (底图) by setting: Tianditu, any XYZ, any WMTS in EPSG:3857. None is set by default, and nothing is asked of other hosts.

BASE_MAPS holds a JSON list, or the path of a file with one (docs/maps.md). What is not understood stops the start.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import get_language

DATUMS = ("wgs84", "cgcs2000", "gcj02")
"""wgs84 and cgcs2000 agree to well under a metre; gcj02 is shifted by law, by 100 to 700 m"""
SHIFTED_HOSTS = (
    "amap.com",
    "autonavi.com",
    "gaode.com",
    "google.cn",
    "google.com",
    "gtimg.com",
    "qq.com",
    "tencent.com",
)
"""hosts whose street maps of China are in GCJ-02"""
REFUSED_HOSTS = ("baidu.com", "bdimg.com", "bdstatic.com")
"""hosts whose tiles lie on a grid of their own (BD-09), which no shift puts right"""
TIANDITU = {
    "vec": ("cva", {"zh-hans": "天地图 矢量", "en": "Tianditu streets"}),
    "img": ("cia", {"zh-hans": "天地图 影像", "en": "Tianditu imagery"}),
    "ter": ("cta", {"zh-hans": "天地图 地形", "en": "Tianditu terrain"}),
}
"""layer -> its layer of names, and what the switch says"""
FIELDS = {
    "tianditu": {"layer", "key", "names", "name", "attribution", "approval", "max_zoom"},
    "xyz": {"url", "subdomains", "name", "attribution", "approval", "max_zoom", "datum"},
    "wmts": {"url", "subdomains", "layer", "style", "matrix_set", "format", "name", "attribution", "approval", "max_zoom", "datum"},
}  # fmt: skip
REST = {"{TileMatrix}": "{z}", "{TileRow}": "{y}", "{TileCol}": "{x}"}


def read(setting: str, *, https: bool) -> list[dict[str, Any]]:
    """The base maps of the setting: name, layers with address templates as Leaflet wants them, what must be said of each."""
    if not setting:
        return []
    text = setting
    if not setting.lstrip().startswith("["):
        try:
            text = Path(setting).read_text(encoding="utf-8")
        except OSError as error:
            raise ImproperlyConfigured(f"BASE_MAPS names a file that cannot be read: {setting} ({error}).") from error
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"BASE_MAPS is no JSON: {error}.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ImproperlyConfigured("BASE_MAPS must be a JSON list of objects, one for each base map.")
    return [_one(number, row, https) for number, row in enumerate(rows, 1)]


def _one(number: int, row: dict[str, Any], https: bool) -> dict[str, Any]:
    def wrong(words: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"BASE_MAPS, base map {number}: {words}")

    row = dict(row)
    kind = row.pop("kind", None)
    if kind not in FIELDS:
        raise wrong(f"kind must be one of {', '.join(FIELDS)}.")
    if unknown := sorted(set(row) - FIELDS[kind]):
        raise wrong(f"{', '.join(unknown)} is not known for {kind}; known are {', '.join(sorted(FIELDS[kind]))}.")
    layers, name, datum = {"tianditu": _tianditu, "xyz": _xyz, "wmts": _wmts}[kind](row, wrong)
    _whole(name, {"zh-hans", "en"}, wrong)
    for layer in layers:
        _check_address(layer, datum, https, wrong)
    max_zoom = row.get("max_zoom", 18)
    if not isinstance(max_zoom, int) or not 1 <= max_zoom <= 24:
        raise wrong("max_zoom must be a whole number from 1 to 24.")
    texts = {field: row.get(field, "") for field in ("attribution", "approval")}
    if not all(isinstance(text, str) for text in texts.values()) or not (texts["attribution"] or kind == "tianditu"):
        raise wrong("attribution must say where the map comes from.")
    return {
        "id": f"map{number}", "name": name, "layers": layers, "max_zoom": max_zoom, "shifted": datum == "gcj02",
        "attribution": texts["attribution"] or "国家地理信息公共服务平台 天地图", "approval": texts["approval"],
    }  # fmt: skip


def _whole(name: Any, languages: set[str], wrong: Any) -> None:
    if not isinstance(name, dict) or set(name) != languages or not all(isinstance(x, str) and x for x in name.values()):
        raise wrong('name must be {"zh-hans": "…", "en": "…"}.')


def _tianditu(row: dict[str, Any], wrong: Any) -> tuple[list[dict[str, Any]], Any, str]:
    layer, key = row.get("layer", "vec"), row.get("key", "")
    if layer not in TIANDITU:
        raise wrong(f"layer must be one of {', '.join(TIANDITU)}.")
    if not isinstance(key, str) or not re.fullmatch(r"[0-9A-Za-z]{16,64}", key):
        raise wrong("key must be the key (tk) that tianditu.gov.cn gave for browsers.")
    names, name = TIANDITU[layer]
    layers = [layer, names] if row.get("names", True) else [layer]
    return [{"url": _tianditu_address(part, key), "subdomains": list("01234567")} for part in layers], row.get("name", name), "cgcs2000"  # fmt: skip


def _tianditu_address(layer: str, key: str) -> str:
    return _by_keys(f"https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts", layer, "default", "w", "tiles") + f"&tk={key}"


def _by_keys(url: str, layer: str, style: str, matrix_set: str, form: str) -> str:
    """A WMTS address with its values after the question mark (KVP)."""
    values = {
        "SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0", "LAYER": layer, "STYLE": style,
        "TILEMATRIXSET": matrix_set, "FORMAT": form,
    }  # fmt: skip
    join = "&" if "?" in url else "?"
    return f"{url}{join}{urlencode(values)}&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}"


def _xyz(row: dict[str, Any], wrong: Any) -> tuple[list[dict[str, Any]], Any, str]:
    url = _text(row, "url", wrong)
    if not all(part in url for part in ("{z}", "{x}")) or not ("{y}" in url or "{-y}" in url):
        raise wrong("url must hold {z}, {x} and {y} (or {-y} for TMS).")
    return [_layer(row, url, wrong)], row.get("name"), _datum(row, wrong)


def _wmts(row: dict[str, Any], wrong: Any) -> tuple[list[dict[str, Any]], Any, str]:
    url, style = _text(row, "url", wrong), row.get("style", "default")
    if "{TileMatrix}" in url:
        for name, short in (
            *REST.items(),
            ("{Style}", quote(style)),
            ("{TileMatrixSet}", quote(row.get("matrix_set", ""))),
        ):
            url = url.replace(name, short)
        if "{z}" not in url or "{x}" not in url or "{y}" not in url:
            raise wrong("url must hold {TileMatrix}, {TileRow} and {TileCol}.")
    else:
        layer, matrix_set = _text(row, "layer", wrong), _text(row, "matrix_set", wrong)
        url = _by_keys(url, layer, style, matrix_set, row.get("format", "image/png"))
    return [_layer(row, url, wrong)], row.get("name"), _datum(row, wrong)


def _text(row: dict[str, Any], field: str, wrong: Any) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value:
        raise wrong(f"{field} is missing.")
    return value


def _layer(row: dict[str, Any], url: str, wrong: Any) -> dict[str, Any]:
    subdomains = row.get("subdomains", [])
    if not isinstance(subdomains, list) or not all(
        isinstance(s, str) and re.fullmatch(r"[\w-]+", s) for s in subdomains
    ):
        raise wrong('subdomains must be a list such as ["a", "b"].')
    if ("{s}" in url) != bool(subdomains):
        raise wrong("subdomains and {s} in the url belong together.")
    return {"url": url, "subdomains": subdomains}


def _datum(row: dict[str, Any], wrong: Any) -> str:
    datum = row.get("datum")
    if datum not in DATUMS:
        raise wrong(f"datum must be said: one of {', '.join(DATUMS)}.")
    return datum


def _check_address(layer: dict[str, Any], datum: str, https: bool, wrong: Any) -> None:
    for origin in origins(layer):
        scheme, host = origin.split("://")
        host = host.split(":")[0]
        if scheme not in ("http", "https") or not re.fullmatch(r"[\w.-]+", host):
            raise wrong("url must begin with https://, http:// or / (a path of this server).")
        if https and scheme == "http":
            raise wrong("the portal is served by https, so browsers load no tiles from http.")
        if _is_of(host, REFUSED_HOSTS):
            raise wrong(f"{host} has a grid of its own (BD-09) that fits no other map; choose another source.")
        if _is_of(host, SHIFTED_HOSTS) and datum != "gcj02":
            raise wrong(
                f"{host} serves maps in GCJ-02, which lie 100 to 700 m off. Say \"datum\": \"gcj02\" if it shall be shown all the "
                "same: it is then shifted and marked as not for measuring. Or choose another source."
            )  # fmt: skip


def _is_of(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def origins(layer: dict[str, Any]) -> list[str]:
    """Scheme and host of a layer's tiles, one for each subdomain; none for tiles of this server."""
    if layer["url"].startswith("/") and not layer["url"].startswith("//"):
        return []
    urls = [layer["url"].replace("{s}", part) for part in layer["subdomains"]] or [layer["url"]]
    parts = [urlsplit(url) for url in urls]
    return [f"{part.scheme}://{part.netloc}" for part in parts]


def hosts(maps: list[dict[str, Any]]) -> list[str]:
    """What the content security policy must allow pictures from: exactly the hosts of the setting."""
    return sorted({origin for one in maps for layer in one["layers"] for origin in origins(layer)})


def for_browser(maps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The base maps for static/js/map/basemap.js, in the language of the page."""
    language = "en" if get_language() == "en" else "zh-hans"
    told = ("id", "layers", "max_zoom", "shifted", "attribution", "approval")
    return [{"name": one["name"][language], **{field: one[field] for field in told}} for one in maps]
