"""The page as it was printed, to compare a photograph with: out of the sheet's file, or drawn again when that is gone."""

import io
import zipfile

from PIL import Image

from planning.models import Sheet
from planning.papers.plate import PER_MM
from planning.sheets import making


def printed(sheet: Sheet, number: int) -> bytes:
    """A page of a sheet as PNG, PER_MM pixels for a mm or as fine as the file has it."""
    if not sheet.file:
        return page_of_pdf(making.pdf_of(sheet), number)
    with sheet.file.open("rb") as stream:
        data = stream.read()
    if sheet.name.endswith(".pdf"):
        return page_of_pdf(data, number)
    if sheet.name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(f"{number:02}.png")
    return data


def page_of_pdf(pdf: bytes, number: int) -> bytes:
    import pypdfium2  # late: a library of megabytes that only the worker needs

    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[number - 1].render(scale=PER_MM * 25.4 / 72).to_pil().convert("RGB")
    return as_png(picture)


def as_png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()
