"""The day a draft is published: 500 residents come within a minute, read it and comment, over HTTP on this machine.

Each opens the draft with its picture and the first tiles, some ask what changes at their place, reads for half a minute or a
minute, sends a comment (half of them by the form, half as the page's scripts send it), some of them twice, and sees the page
again. A share comes signed out and signs in with name and password before commenting. Whoever asks runs on the same cores as
the portal, as the database does.
"""

import asyncio
import json
import random
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.utils import timezone

from indicators import bench_pages, bench_tiles
from indicators.bench import Row
from indicators.bench_county import FOLDER, County
from planning.models import Comment, PlanVersion, State
from portal.models import Membership, Person, Role, User
from villages.models import Village

RESIDENTS = 500
ARRIVE = 60.0  # seconds in which all of them come
READ = (30.0, 60.0)  # seconds from one click to the next
WARM_UP = 40
TWICE = 0.1  # of them click a second time
SIGN_IN = 0.1  # of them come signed out; the others joined or signed in on a day before
PLACE = 0.3  # of them ask what changes at their place
PASSWORD = "einwohner-am-tag-der-auslegung"  # noqa: S105 - of people of the bench's own database
GOAL = 0.5  # seconds, 95 of 100 answers
WORDS = "我家门前的路再宽一点就好了，第{}户。"
TOKEN = "0123456789abcdef" * 2


def participation(county: County, village: Village) -> Iterator[Row]:
    """Answers by kind, 95th percentile; comments that were lost or doubled; all against the goals of the portal."""
    bench_pages.collected()
    call_command("seed_demo", verbosity=0)
    version = PlanVersion.objects.with_plan().filter(state=State.NOTICE).order_by("pk").first()
    if version is None:
        raise RuntimeError("no plan of the demo county is in public notice")
    people = residents(version)
    cookies = [signed_in(resident) for resident in people]
    names = [resident.username for resident in people]
    before = set(version.comments.values_list("pk", flat=True))
    with bench_tiles.server(STATIC_ROOT=str(FOLDER / "static"), DEMO="true") as wire:
        for _ in range(WARM_UP):  # the server runs since the day before
            wire.get(f"/versions/{version.pk}/")
        empty = statistics.median(wire.get("/empty")[0] for _ in range(200))
        began = time.perf_counter()
        day = Day(wire.port, version)
        asyncio.run(day.whole(cookies, names))
        seconds = time.perf_counter() - began
    asked = sum(len(times) for times in day.times.values())
    print(
        f"  {RESIDENTS} residents, {day.most} at a time, {asked} answers in {seconds:.0f} s; empty view {empty * 1000:.1f} ms",
        file=sys.stderr,
    )
    for kind, times in sorted(day.times.items()):
        usual = statistics.quantiles(times, n=20)[18]
        print(f"  {kind}: {len(times)}, median {statistics.median(times) * 1000:.0f} ms, longest {max(times):.2f} s", file=sys.stderr)  # fmt: skip
        yield Row(f"participation, {kind}, 95 %", usual, "the goal", GOAL, usual / GOAL, 1.0)
    texts = [c.text for c in Comment.objects.filter(version=version).exclude(pk__in=before)]
    wrong = RESIDENTS - len(set(texts)) + len(texts) - len(set(texts)) + len(day.refused)
    for refused in day.refused[:5]:
        print(f"  refused: {refused}", file=sys.stderr)
    yield Row("comments lost, doubled or refused", wrong, "none", 0, float(wrong), 0.0, "")


def residents(version: PlanVersion) -> list[User]:
    """People of the village whose identity is verified, so that what they write is public at once."""
    names = [f"bench_resident_{n}" for n in range(RESIDENTS)]
    User.objects.bulk_create([User(username=name, full_name="测试村民") for name in names], ignore_conflicts=True)
    # one salt for all: to compare costs the same
    User.objects.filter(username__in=names).update(password=make_password(PASSWORD))
    people = list(User.objects.filter(username__in=names).order_by("pk"))
    role = {"role": Role.RESIDENT, "division_code": version.division_code}
    Membership.objects.bulk_create([Membership(user=user, **role) for user in people], ignore_conflicts=True)
    Person.objects.bulk_create(
        [Person(user=user, verified_at=timezone.now()) for user in people], ignore_conflicts=True
    )
    return people


def signed_in(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["began"] = session["seen"] = time.time()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


class Day:
    """All residents at once, each with one line that is kept open; times by kind of what was asked."""

    def __init__(self, port: int, version: PlanVersion) -> None:
        self.port = port
        self.page = f"/versions/{version.pk}/"
        self.api = f"/api/v1/versions/{version.pk}/comments/"
        self.tiles = [bench_tiles.address(version, x, y, 15) for x, y in around(version)]
        self.times: dict[str, list[float]] = defaultdict(list)
        self.refused: list[str] = []
        self.here = self.most = 0  # residents with the page open: now, at most

    async def whole(self, cookies: list[str], names: list[str]) -> None:
        dice = random.Random(7)  # noqa: S311 - who comes when, the same in every run
        everybody = enumerate(zip(cookies, names, strict=True))
        await asyncio.gather(
            *(self.resident(n, cookie, name, dice.random() * ARRIVE, dice) for n, (cookie, name) in everybody)
        )

    async def resident(self, number: int, cookie: str, name: str, comes: float, dice: random.Random) -> None:
        await asyncio.sleep(comes)
        signs_in = dice.random() < SIGN_IN
        line = Line(self.port, f"{settings.CSRF_COOKIE_NAME}={TOKEN}" if signs_in else cookie)
        self.here += 1
        self.most = max(self.most, self.here)
        await self.get(line, "page", self.page)
        await self.get(line, "picture", f"{self.page}picture.png")
        for tile in self.tiles:
            await self.get(line, "tile", tile)
        if dice.random() < PLACE:
            await self.get(line, "my place", f"{self.page}my-place/")
        await asyncio.sleep(dice.uniform(*READ))
        if signs_in:
            await self.get(
                line, "sign in", "/login/", f"csrfmiddlewaretoken={line.token}&username={name}&password={PASSWORD}", 302
            )
        words, once = WORDS.format(number), f"bench-{number}"
        body = f"csrfmiddlewaretoken={line.token}&zone=&text={quote(words)}&once={once}"
        for _click in range(2 if dice.random() < TWICE else 1):
            if number % 2:
                await self.get(line, "comment sent", f"{self.page}comments/", body, 302)
            else:
                await self.get(line, "comment sent by script", self.api, json.dumps({"text": words, "once": once}), 201)
        await self.get(line, "page", self.page)
        await line.close()
        self.here -= 1

    async def get(self, line: "Line", kind: str, path: str, body: str = "", wanted: int = 200) -> None:
        began = time.perf_counter()
        status = await line.ask(path, body)
        self.times[kind].append(time.perf_counter() - began)
        if status != wanted:
            self.refused.append(f"{kind}: {status}")


class Line:
    """One kept connection, opened again when the server let it go."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def token(self) -> str:
        return self.cookie.split(f"{settings.CSRF_COOKIE_NAME}=")[1].split(";")[0]

    async def ask(self, path: str, body: str = "") -> int:
        form = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
        kind = f"Content-Type: {form}\r\nContent-Length: {len(body)}\r\n" if body else ""
        head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\nX-CSRFToken: {self.token}\r\n"
        request = f"{head}Accept-Encoding: gzip\r\n{kind}\r\n{body}".encode()
        try:
            return await self._ask(request)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.streams = None
            return await self._ask(request)  # a comment carries its key: sent again it is not a second one

    async def _ask(self, request: bytes) -> int:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        writer.write(request)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        for given in re.findall(r"(?im)^set-cookie: ([^=]+=[^;]+)", answer):
            if given.startswith((settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)):
                self.keep(given)
        head = answer.lower()
        if "transfer-encoding: chunked" in head:
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        elif "content-length:" in head:
            await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
        if "connection: close" in head:
            await self.close()
        return int(head.split(" ", 2)[1])

    def keep(self, given: str) -> None:
        """A session or a token that came with an answer takes the place of the one before."""
        name = given.partition("=")[0]
        others = [one for one in self.cookie.split("; ") if not one.startswith(f"{name}=")]
        self.cookie = "; ".join([*others, given])

    async def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


def around(version: PlanVersion) -> list[tuple[int, int]]:
    """The four tiles in the middle of the village."""
    west, south, east, north = version.plan.village.geom.extent
    x, y = bench_tiles.place((west + east) / 2, (south + north) / 2, 15)
    return [(int(x) + dx, int(y) + dy) for dx in (0, 1) for dy in (0, 1)]
