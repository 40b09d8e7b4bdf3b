"""Photos of comments: the pictures themselves, and those that come with a form."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from planning import photos
from planning.models import Photo, PlanVersion
from portal.api_throttles import PhotoThrottle
from portal.errors import TooMany
from portal.models import User

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # nothing runs, whatever the bytes are; the style is the browser's own, by which it fits a picture into its window
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def seen_photo(user: User, pk: str) -> Photo:
    """The one way to a photo: on a version the person may see, with a comment the person may see; strangers get 404."""
    rows = Photo.objects.filter(version__in=PlanVersion.objects.visible_to(user)).exclude(size=0)
    row = get_object_or_404(rows.select_related("version__plan", "comment__version__plan"), pk=pk)
    if not photos.may_see(row, user):
        raise Http404
    return row


@require_GET
def photo(request: HttpRequest, pk: str) -> HttpResponse:
    """A photo, at most 2000 px long."""
    return picture(request, seen_photo(request.user, pk), "file")


@require_GET
def photo_small(request: HttpRequest, pk: str) -> HttpResponse:
    """The same, at most 480 px long."""
    return picture(request, seen_photo(request.user, pk), "small")


def picture(request: HttpRequest, row: Photo, name: str) -> HttpResponse:
    """The bytes. A picture never changes, but who may see it does: a browser keeps it and asks each time whether it may
    still show it, so that a hidden one is out of sight at once."""
    public = photos.is_open(row)
    headers = {**HEADERS, "Cache-Control": "private, no-cache" if public else "private, no-store"}
    mark = f'"{row.pk}-{name}"'
    if public:
        headers["ETag"] = mark
        if mark in request.headers.get("If-None-Match", ""):
            return HttpResponse(status=304, headers=headers)
    try:
        stream = getattr(row, name).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(stream, content_type="image/jpeg", filename=f"photo-{row.pk}.jpg", headers=headers)


def photos_of(request: HttpRequest, version: PlanVersion) -> list[str]:
    """Ids of the photos a form carries: sent before (`photos`, with their words), and those that lie in it (`photo`), as
    pages without scripts send them. PortalError for one that cannot be kept; the others wait for the form to come again."""
    ids = list(dict.fromkeys(request.POST.getlist("photos")))[: photos.MOST_WAITING]
    rows = {row.pk: row for row in photos.waiting_of(version, request.user).filter(pk__in=ids)}
    for pk, row in rows.items():
        words = request.POST.get(f"photo-words-{pk}")
        if words is not None and words.strip() != row.words:
            photos.describe(row, by=request.user, words=words)
    for file in request.FILES.getlist("photo")[: photos.MOST + 1]:  # one too many is refused with its sentence
        if not PhotoThrottle().allow_request(request, None):
            raise TooMany(_("You have sent many photos in a short time. Please go on in an hour."))
        row = photos.keep_photo(version, file, by=request.user, words=request.POST.get("photo-words", ""))
        ids.append(row.pk)
    return list(dict.fromkeys(ids))
