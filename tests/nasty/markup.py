"""GML and KML that define, fetch, nest or refer."""

from tests import shapes
from tests.nasty.corpus import nasty

LAUGHS = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def with_doctype(content: bytes, subset: str) -> bytes:
    head, _, rest = content.partition(b"?>\n")
    return head + b"?>\n<!DOCTYPE x [" + subset.encode() + b"]>" + rest


def external(canaries, scheme: str = "file://") -> str:
    target = canaries.secret_file if scheme == "file://" else canaries.url
    return f'<!ENTITY e SYSTEM "{scheme if scheme == "file://" else ""}{target}">'


@nasty("plan.gml", "xml_dtd")
def gml_xxe_of_a_file(canaries):
    return with_doctype(shapes.gml(shapes.gml_feature(MC="&e;")), external(canaries))


@nasty("plan.gml", "xml_dtd")
def gml_xxe_over_http(canaries):
    return with_doctype(shapes.gml(shapes.gml_feature(MC="&e;")), external(canaries, "http"))


@nasty("plan.zip", "xml_dtd")
def gml_xxe_in_zip(canaries):
    """Behind the first look: only the parser sees this one."""
    return shapes.archive({"plan.gml": with_doctype(shapes.gml(shapes.gml_feature(MC="&e;")), external(canaries))})


@nasty("plan.gml", "xml_dtd")
def gml_external_subset(canaries):
    return shapes.gml().replace(b"?>\n", f'?>\n<!DOCTYPE x SYSTEM "{canaries.url}/x.dtd">'.encode(), 1)


@nasty("plan.gml", "xml_dtd")
def gml_parameter_entity(canaries):
    return with_doctype(shapes.gml(), f'<!ENTITY % p SYSTEM "{canaries.url}/p.dtd"> %p;')


@nasty("plan.gml", "xml_dtd")
def gml_billion_laughs():
    return with_doctype(shapes.gml(shapes.gml_feature(MC="&l9;")), LAUGHS)


@nasty("plan.zip", "xml_dtd")
def gml_billion_laughs_in_zip():
    return shapes.archive({"plan.gml": with_doctype(shapes.gml(shapes.gml_feature(MC="&l9;")), LAUGHS)})


@nasty("plan.zip", "xml_dtd")
def gml_doctype_in_utf16(canaries):
    good = with_doctype(shapes.gml(shapes.gml_feature(MC="&e;")), external(canaries)).decode()
    return shapes.archive({"plan.gml": good.replace("UTF-8", "UTF-16").encode("utf-16")})


@nasty("plan.gml", "xml_invalid")
def gml_with_an_entity_nobody_defined():
    return shapes.gml(shapes.gml_feature(MC="&e;"))


@nasty("plan.gml")
def gml_with_schema_location(canaries):
    """Every CityGML has one, so it is not refused; it is never looked up."""
    return shapes.gml(
        more=f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:app {canaries.url}/app.xsd"'
    )


@nasty("plan.zip")
def gml_with_gfs_and_schema_beside(canaries):
    gfs = f"<GMLFeatureClassList><GMLFeatureClass><DatasetSpecificInfo>{canaries.url}</DatasetSpecificInfo></GMLFeatureClass>"
    return shapes.archive({"plan.gml": shapes.gml(), "plan.gfs": gfs.encode(), "plan.xsd": vrt_schema(canaries)})


def vrt_schema(canaries) -> bytes:
    return f'<xs:schema><xs:import schemaLocation="{canaries.url}/more.xsd"/></xs:schema>'.encode()


@nasty("plan.gml", "gml_xlink")
def gml_xlink_to_a_geometry(canaries):
    held = f'<gml:MultiSurface srsName="{shapes.URN_4548}"><gml:surfaceMember xlink:href="{canaries.url}/g"/></gml:MultiSurface>'
    return shapes.gml(shapes.gml_feature(held))


@nasty("plan.gml")
def gml_xlink_as_a_value(canaries):
    """Kept as the text it is."""
    return shapes.gml(shapes.gml_feature().replace("<app:geom>", f'<app:doc xlink:href="{canaries.url}"/><app:geom>'))


@nasty("plan.gml", "crs_link")
def gml_srs_is_a_link(canaries):
    return shapes.gml(shapes.gml_feature(shapes.gml_polygon(shapes.square(), f"{canaries.url}/crs")))


@nasty("plan.gml", "crs_unknown")
def gml_srs_is_a_pipeline(canaries):
    srs = f"+proj=pipeline +step +proj=hgridshift +grids={canaries.secret_file.replace('/', '|')}"
    return shapes.gml(shapes.gml_feature(shapes.gml_polygon(shapes.square(), srs)))


@nasty("plan.gml", "xml_depth")
def gml_nested_100000_times():
    return shapes.gml(shapes.gml_feature(MC="<a>" * 100_000 + "</a>" * 100_000))


@nasty("plan.gml", "xml_depth")
def gml_multi_geometries_nested_without_end():
    depth = 30
    opened = f'<gml:MultiGeometry srsName="{shapes.URN_4548}"><gml:geometryMember>' * depth
    return shapes.gml(shapes.gml_feature(opened * 4 + "</gml:geometryMember></gml:MultiGeometry>" * depth * 4))


@nasty("plan.gml", "coordinates_not_finite", "gml_coordinates")
def gml_numbers_that_become_infinite():
    return shapes.gml().replace(b"480000 ", b"1e999 ", 1)


@nasty("plan.gml", "too_many_fields")
def gml_of_5000_attributes():
    return shapes.gml(shapes.gml_feature(**{f"f{number}": "1" for number in range(5000)}))


@nasty("plan.gml", "xml_encoding")
def gml_in_an_encoding_that_is_a_program():
    return shapes.gml().replace(b"UTF-8", b"unicode_escape")


@nasty("plan.kml", "xml_dtd")
def kml_xxe(canaries):
    return with_doctype(shapes.kml(shapes.placemark(name="&e;")), external(canaries))


@nasty("plan.zip", "xml_dtd")
def kml_billion_laughs_in_zip():
    return shapes.archive({"doc.kml": with_doctype(shapes.kml(shapes.placemark(name="&l9;")), LAUGHS)})


@nasty("plan.kml", "kml_link")
def kml_network_link(canaries):
    return shapes.kml(
        shapes.placemark(), f"<NetworkLink><Link><href>{canaries.url}/more.kml</href></Link></NetworkLink>"
    )


@nasty("plan.kml")
def kml_script_in_a_description(canaries):
    script = f"<![CDATA[<script src='{canaries.url}/x.js'></script><img src=x onerror=alert(1)>]]>"
    return shapes.kml(shapes.placemark(more=f"<description>{script}</description>"))


@nasty("plan.kml")
def kml_overlays_icons_and_styles_elsewhere(canaries):
    style = f"<Style><IconStyle><Icon><href>{canaries.url}/i.png</href></Icon></IconStyle></Style>"
    overlay = f"<GroundOverlay><Icon><href>{canaries.secret_file}</href></Icon></GroundOverlay>"
    return shapes.kml(style, overlay, shapes.placemark(more=f"<styleUrl>{canaries.url}/s.kml#s</styleUrl>"))


@nasty("plan.kml", "geometry_type")
def kml_model_elsewhere(canaries):
    return shapes.kml(shapes.placemark(f"<Model><Link><href>{canaries.url}/m.dae</href></Link></Model>"))


@nasty("plan.kml", "xml_depth")
def kml_folders_nested_500_times():
    return shapes.kml("<Folder>" * 500 + shapes.placemark() + "</Folder>" * 500)


@nasty("plan.kml", "too_many_layers")
def kml_of_5000_folders():
    return shapes.kml(*[f"<Folder>{shapes.placemark()}</Folder>" for _ in range(5000)])
