"""Every reason a file or a geometry can be refused or remarked on: the rule it belongs to and its English sentence.

Sentences are `str.format` templates of the issue's params. They are plain strings: whoever shows them translates them.
"""

from portal.geo import photo_reasons, table_reasons


def _(text: str) -> str:
    """Mark a sentence for makemessages: the reading child imports this module and must not load Django for gettext."""
    return text


# reason: (rule code, sentence)
_TABLE: dict[str, tuple[str, str]] = {
    # --- what the file is
    "file_empty": ("F1", _("The file is empty.")),
    "file_too_large": ("F3", _("The file is larger than {limit_mb} MB.")),
    "type_unsupported": (
        "F1",
        _(
            "Files of type “{extension}” are not accepted. Upload a GeoPackage, a zipped Shapefile or File Geodatabase, "
            "GeoJSON, GML, KML or DXF."
        ),
    ),
    "not_what_it_says": ("F4", _("The name says “{extension}”, but the content is not of that type.")),
    "kmz": (
        "F1",
        _("KMZ files are not accepted. Unpack it (it is a ZIP) and upload the KML in it, or save it as KML."),
    ),
    "dwg": ("F1", _("DWG drawings are not accepted. Save the drawing as DXF (text, not binary) and upload that.")),
    "shp_unzipped": (
        "F1",
        _("A Shapefile has several parts. Put .shp, .shx, .dbf, .prj and .cpg in one ZIP and upload that."),
    ),
    "no_layer": ("F1", _("The file holds no layer that can be read.")),
    "layer_missing": ("F1", _("The file has no layer named “{layer}”.")),
    "unreadable": ("F1", _("The file is damaged or incomplete and cannot be read.")),
    # --- the reading itself
    "sandbox_unavailable": (
        "F1",
        _("This server cannot read files safely at the moment. Please tell the administrator ({detail})."),
    ),
    "driver": ("F1", _("This server cannot read this kind of file: its reader offers other formats than expected.")),
    "timeout": ("F3", _("Reading the file took longer than {seconds} seconds and was stopped.")),
    "memory": ("F3", _("Reading the file needs more memory than is allowed.")),
    "output_too_large": ("F3", _("Reading the file makes more data than is allowed.")),
    "crashed": ("F1", _("The file made its reader fail, so it was not read.")),
    # --- archives
    "zip_unreadable": ("F2", _("The archive is damaged or is not a ZIP file.")),
    "zip_empty": ("F2", _("The archive is empty.")),
    "zip_prefix": ("F2", _("The archive has other data before or after it.")),
    "zip_too_many_members": ("F3", _("The archive holds more than {limit} files.")),
    "zip_too_large": ("F3", _("The archive unpacks to more than {limit_mb} MB.")),
    "zip_ratio": ("F3", _("“{member}” unpacks to more than {limit} times its size.")),
    "zip_size_lies": ("F2", _("“{member}” does not have the size the archive says.")),
    "zip_overlap": ("F2", _("Files of the archive overlap each other.")),
    "zip_nested": ("F2", _("The archive holds another archive: “{member}”.")),
    "zip_path": ("F2", _("“{member}” is a path that leaves the archive.")),
    "zip_symlink": ("F2", _("“{member}” is a link or a special file.")),
    "zip_encrypted": ("F2", _("“{member}” is encrypted. Upload the archive without a password.")),
    "zip_method": ("F2", _("“{member}” is packed in a way that is not accepted. Use plain ZIP.")),
    "zip_duplicate": ("F2", _("“{member}” appears more than once in the archive, or differs only in capital letters.")),
    "zip_mixed": (
        "F2",
        _(
            "The archive holds files of several kinds. Put Shapefiles in it, or one File Geodatabase, or one other file "
            "of data."
        ),
    ),
    # --- Shapefiles
    "shp_part_missing": ("F1", _("The part .{part} of the Shapefile is missing from the archive.")),
    "shp_truncated": ("F1", _("The part .shp of the Shapefile is cut off or damaged.")),
    "shp_counts": ("F1", _("Feature {row} of the Shapefile claims impossible numbers of parts or points.")),
    "dbf_damaged": ("F1", _("The part .dbf of the Shapefile is damaged.")),
    "dbf_truncated": ("F1", _("The part .dbf of the Shapefile is shorter than it says.")),
    "shp_dbf_count": ("F1", _("The Shapefile has {shapes} shapes but {records} table rows.")),
    "encoding_unknown": ("F1", _("The text encoding “{encoding}” is not known.")),
    "bytes_not_in_encoding": (
        "F1",
        _("The text of field “{field}” in row {row} is not valid {encoding}. Choose another encoding."),
    ),
    "name_not_in_encoding": ("F1", _("The name of field {field} is not valid {encoding}. Choose another encoding.")),
    "bytes_in_no_encoding": (
        "F1",
        _("The text of field “{field}” in row {row} is not valid in any encoding that was tried: {encoding}."),
    ),
    # --- GeoJSON
    "json_encoding": ("F1", _("The GeoJSON is not valid UTF-8 text. Save it as UTF-8.")),
    "json_invalid": ("F1", _("The GeoJSON is not valid JSON (line {line}).")),
    "json_nan": ("F1", _("The GeoJSON holds NaN or Infinity, which JSON does not allow.")),
    "json_number": ("F1", _("The GeoJSON holds a number of thousands of digits.")),
    "json_depth": ("F4", _("The GeoJSON is nested too deeply.")),
    "json_duplicate_key": ("F1", _("The GeoJSON has the key “{key}” twice in one object.")),
    "json_not_geojson": ("F1", _("The JSON is not a GeoJSON FeatureCollection or Feature.")),
    "json_feature": ("F1", _("Feature {row} is not a GeoJSON Feature.")),
    "json_coordinates": ("F1", _("Feature {row} has coordinates that are not lists of numbers.")),
    "json_surrogate": ("F1", _("The text of field “{field}” in row {row} holds half a character.")),
    "number_too_large": ("F1", _("The number of field “{field}” in row {row} is too large.")),
    # --- GeoPackage
    "gpkg_not": ("F1", _("The file is an SQLite database but not a GeoPackage.")),
    "gpkg_damaged": ("F1", _("The GeoPackage is damaged.")),
    "gpkg_view": ("F4", _("The GeoPackage holds a view (“{name}”). Save the layers as tables.")),
    "gpkg_trigger": ("F4", _("The GeoPackage holds a trigger that is not of the standard (“{name}”).")),
    "gpkg_virtual": ("F4", _("The GeoPackage holds a virtual table (“{name}”).")),
    "gpkg_generated": ("F4", _("The GeoPackage holds a computed column in “{name}”.")),
    # --- File Geodatabase
    "gdb_folder": (
        "F2",
        _("“{member}” does not lie directly in a folder that ends in .gdb. Pack the folder .gdb as a whole."),
    ),
    "gdb_damaged": ("F1", _("The File Geodatabase is damaged or incomplete.")),
    # --- GML, KML
    "xml_invalid": ("F1", _("The file is not well-formed XML (line {line}).")),
    "xml_encoding": ("F1", _("The text of the file is not in the encoding its first line names. Save it as UTF-8.")),
    "xml_dtd": ("F4", _("The file declares a document type or entities, which are not allowed.")),
    "xml_depth": ("F4", _("The elements of the file are nested too deeply.")),
    "gml_not": ("F1", _("The XML is not a GML with features.")),
    "gml_coordinates": ("F1", _("Feature {row} has coordinates that are not complete numbers.")),
    "gml_xlink": ("F4", _("Feature {row} refers to a geometry elsewhere. Save the file with its geometries.")),
    "kml_not": ("F1", _("The XML is not a KML.")),
    "kml_coordinates": ("F1", _("Placemark {row} has coordinates that are not complete numbers.")),
    "kml_link": ("F4", _("The KML loads other files (NetworkLink). Save it with what it links to.")),
    # --- DXF
    "dxf_binary": ("F1", _("The DXF is binary. Save the drawing as DXF in text form.")),
    "dxf_damaged": ("F1", _("The DXF is cut off or damaged (line {line}).")),
    "dxf_numbers": ("F1", _("Entity {row} of layer “{layer}” has numbers that are none.")),
    # --- limits
    "too_many_layers": ("F3", _("The file holds {count} layers; {limit} are allowed.")),
    "too_many_rows": ("F3", _("Layer “{layer}” has more than {limit} features.")),
    "too_many_fields": ("F3", _("Layer “{layer}” has {count} fields; {limit} are allowed.")),
    "too_many_values": ("F3", _("The file has more than {limit} table values.")),
    "too_many_vertices": ("F3", _("Layer “{layer}” has more than {limit} vertices.")),
    "text_too_long": ("F3", _("The text of field “{field}” in row {row} is longer than {limit} characters.")),
    "overlap_too_complex": ("F3", _("The geometries cross each other too often to be checked.")),
    # --- coordinate system
    "crs_missing": (
        "C1",
        _("Layer “{layer}” does not say its coordinate system (in a Shapefile: the part .prj). Add it, or choose it."),
    ),
    "crs_unknown": ("C1", _("The coordinate system of the file is not known: {text}.")),
    "crs_link": ("F4", _("The coordinate system is a link. Name it instead, for example EPSG:4490.")),
    "crs_zone_prefix": (
        "C1",
        _(
            "The eastings of the coordinates do not have the zone number of the coordinate system. Choose the right one."
        ),
    ),
    "crs_mixed": ("C1", _("Layer “{layer}” is in the file in more than one coordinate system.")),
    "antimeridian": ("C1", _("The outline of feature {row} crosses the 180th meridian.")),
    "datum_forbidden": (
        "C1",
        _("{datum} data must be converted to CGCS2000 by the surveying office before the upload."),
    ),
    "datum_unsupported": (
        "C1",
        _("{datum} cannot be converted to CGCS2000 exactly. Convert the data before the upload."),
    ),
    "coordinates_not_degrees": ("C1", _("The coordinates are not degrees, though the coordinate system says so.")),
    "coordinates_swapped": ("C1", _("Latitude and longitude seem to be swapped.")),
    "coordinates_outside": ("C1", _("The coordinates lie outside the area of the coordinate system.")),
    # --- geometry
    "empty_geometry": ("G1", _("The feature has no geometry.")),
    "not_polygon": ("G1", _("The feature is a {type}, not a polygon.")),
    "geometry_type": ("G1", _("The feature is a {type}, which is not accepted.")),
    "coordinates_not_finite": ("G1", _("The feature has a coordinate that is not a number.")),
    "ring_not_closed": ("G1", _("A ring of the feature is not closed.")),
    "too_few_points": ("G1", _("A ring or line of the feature has too few points.")),
    "self_intersection": ("G1", _("The outline crosses itself.")),
    "ring_self_intersection": ("G1", _("The outline touches itself.")),
    "hole_outside": ("G1", _("A hole lies outside the outline.")),
    "nested_holes": ("G1", _("A hole lies in another hole.")),
    "nested_shells": ("G1", _("A part lies in another part.")),
    "disconnected_interior": ("G1", _("Holes cut the feature into pieces.")),
    "duplicate_rings": ("G1", _("Two rings of the feature are the same.")),
    "invalid_geometry": ("G1", _("The geometry is not valid: {detail}.")),
}
_TABLE |= table_reasons.TABLE
_TABLE |= photo_reasons.PHOTO

CODES = {reason: code for reason, (code, _sentence) in _TABLE.items()}
REASONS = {reason: sentence for reason, (_code, sentence) in _TABLE.items()}

# Faults of a layer of zones, found by quality.check_zones.
_TABLE_OF_ZONES: dict[str, tuple[str, str]] = {
    "code_empty": ("S3", _("The zone has no land-use class.")),
    "code_unknown": ("S4", _("“{value}” is not a known land-use class.")),
    "overlap": ("G5", _("The zone overlaps zone {other} by {area_m2} m².")),
    "gap": ("G6", _("{area_m2} m² inside the village belong to no zone.")),
    "outside": ("G7", _("{area_m2} m² of the zone lie outside the village.")),
    "several_parts": ("G3", _("The feature has {count} parts; one part each is expected.")),
    "same_geometry": ("G4", _("The feature has the same geometry as feature {other}.")),
    "repeated_vertices": ("G4", _("{count} vertices of the feature repeat the one before them.")),
    "sharp_angle": ("G9", _("The outline turns back on itself at an angle of {degrees}°.")),
    "extent_beyond": ("G10", _("{area_m2} m² of layer “{layer}” are not covered by layer “{other}”.")),
    "extent_short": ("G10", _("{area_m2} m² of layer “{other}” are not covered by layer “{layer}”.")),
    "sliver": ("G8", _("The zone is a sliver of {area_m2} m², {width_m} m wide on average.")),
    "area_mismatch": (
        "A1",
        _("The file says {file_area_m2} m², the ellipsoidal area is {area_m2} m². The file's may be a projected area."),
    ),
}
CODES |= {reason: code for reason, (code, _sentence) in _TABLE_OF_ZONES.items()}
REASONS |= {reason: sentence for reason, (_code, sentence) in _TABLE_OF_ZONES.items()}
REASONS["more"] = _("{count} more faults of this kind are not listed.")  # of any rule: it closes a list that was cut

NOTES = {
    "z_dropped": _("Heights or measures were left out; only the plane outline is kept."),
    "curves_linearised": _("Curves were replaced by short straight lines."),
    "crs_assumed": _("The GeoJSON names no coordinate system: longitude and latitude on CGCS2000 are assumed."),
    "axes_swapped": _("Latitude and longitude, or northing and easting, were swapped as the uploader said."),
    "geometry_first": _("Features with several geometries keep the first one only."),
    "field_left_out": _("Field “{field}” was left out: its type ({type}) cannot be read from a .dbf."),
    "date_left_out": _("{count} dates of field “{field}” are no dates, such as 0000-00-00, and were left out."),
    "dxf_left_out": _("{count} drawing entities that have no outline on the ground were left out: {kinds}."),
    "dxf_blocks": _(
        "{count} references to blocks were read as points. Outlines inside blocks are not read: explode the blocks first."
    ),
    "crs_chosen": _("The coordinate system was chosen by the uploader: {crs}."),
    "cpg_ignored": _("The encoding named in the file .cpg is not known and was not used: {text}."),
    "encoding_detected": _("The file does not say its text encoding; {encoding} was recognised."),
    "encoding_ambiguous": _("The file does not say its text encoding; {encoding} was used, {other} is possible too."),
    "text_cut": _("Some text was cut in the middle of a character; the half character was left out."),
    "text_cleaned": _("Control characters were left out of {count} texts."),
    "bom": _("A byte order mark at the start of the file was left out."),
    "rows_deleted": _("{count} rows marked as deleted were left out."),
    "gpkg_wal": _(
        "The GeoPackage was still open in another program when it was copied; the last edits may be missing."
    ),
}
NOTES |= table_reasons.NOTES
