"""Photographs of marked sheets, made from the printed page: pens, folds, a camera, light, a table.

The paper bends as paper does: folds are hinges and curls are cylinders, so lengths on it stay what they are; the camera is a
pinhole. So the true place of each mark is known, and what reading makes of it can be measured in metres.
"""

import io
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import pypdfium2
from PIL import Image

PER_MM = 10
INKS = {"red": (206, 32, 38), "blue": (34, 58, 158), "green": (30, 128, 62), "black": (28, 28, 32)}


@dataclass(frozen=True)
class Pen:
    """A mark: kind (area, line, spot), ink, and its true outline or course in mm on paper."""

    kind: str
    ink: str
    points: np.ndarray
    width: float = 0.9


@dataclass(frozen=True)
class Scene:
    """How the photograph was taken."""

    turn: float = 0.0
    tilt: tuple[float, float] = (0.0, 0.0)
    folds: tuple[tuple[str, float, float], ...] = ()
    """(direction, mm, degrees): "x" folds along an upright line at mm from the left, "y" along a level one"""
    curl: float = 0.0
    """radius in mm of a cylinder the sheet lies on, 0: flat"""
    shadow: float = 0.0
    """darkness of a hand's shadow, with a hard edge"""
    gradient: float = 0.0
    tint: tuple[float, float, float] = (1.0, 0.98, 0.94)
    blur: float = 0.8
    noise: float = 2.5
    jpeg: int = 82
    size: tuple[int, int] = (4000, 3000)
    fill: float = 0.9
    """share of the picture the sheet takes"""
    glare: tuple[float, float, float] | None = None
    """x, y in mm and radius in mm of a reflection"""
    shift: tuple[float, float] = (0.0, 0.0)
    """share of the picture by which the sheet is out of its middle"""
    seed: int = 1
    more: dict[str, Any] = field(default_factory=dict)


def render(pdf: bytes, number: int, per_mm: float = PER_MM) -> np.ndarray:
    with pypdfium2.PdfDocument(pdf) as document:
        return np.asarray(document[number - 1].render(scale=per_mm * 25.4 / 72).to_pil().convert("RGB"))


def ring(
    x: float, y: float, a: float, b: float, *, wobble: float = 0.06, seed: int = 0, gap: float = 0.0
) -> np.ndarray:
    """A ring as a hand draws it; `gap`: degrees that are left open."""
    random = np.random.default_rng(seed)
    turn = np.radians(np.linspace(0, 360 - gap, 90)) + random.uniform(0, 6)
    waves = sum(random.uniform(-wobble, wobble) * np.sin(k * turn + random.uniform(0, 6)) for k in (2, 3))
    return np.column_stack([x + a * (1 + waves) * np.cos(turn), y + b * (1 + waves) * np.sin(turn)])


def stroke(start: tuple[float, float], end: tuple[float, float], *, bow: float = 4.0) -> np.ndarray:
    along = np.linspace(0, 1, 40)[:, None]
    start, end = np.array(start), np.array(end)
    across = np.array([-(end - start)[1], (end - start)[0]]) / np.hypot(*(end - start))
    return start + along * (end - start) + np.sin(along * np.pi * 1.5) * bow * across


def cross(x: float, y: float, arm: float = 2.6) -> np.ndarray:
    return np.array([[x - arm, y - arm], [x + arm, y + arm], [x, y], [x - arm, y + arm], [x + arm, y - arm]])


def draw(page: np.ndarray, pens: list[Pen], seed: int = 0) -> np.ndarray:
    """Ink lets light through: what is printed stays to be seen beneath."""
    random = np.random.default_rng(seed)
    sheet = page.astype(np.float32) / 255
    for pen in pens:
        thick = np.zeros(page.shape[:2], np.uint8)
        points = pen.points + random.normal(0, 0.05, pen.points.shape)
        closed = pen.kind == "area" and np.hypot(*(pen.points[0] - pen.points[-1])) < 2
        path = np.round((points * PER_MM - 0.5) * 16).astype(np.int32)
        cv2.polylines(thick, [path], closed, 255, max(1, round(pen.width * PER_MM)), cv2.LINE_AA, 4)
        cover = cv2.GaussianBlur(thick, (0, 0), 1.2).astype(np.float32)[..., None] / 255
        cover *= 0.88 + 0.12 * cv2.GaussianBlur(random.random(page.shape[:2], np.float32), (0, 0), 2)[..., None]
        sheet *= 1 - cover * (1 - np.array(INKS[pen.ink], np.float32) / 255)
    return (sheet * 255).astype(np.uint8)


def photograph(page: np.ndarray, scene: Scene) -> tuple[bytes, np.ndarray]:
    """A JPEG of the sheet on a table, and the corners of the paper in its pixels."""
    random = np.random.default_rng(scene.seed)
    high, wide = (n / PER_MM for n in page.shape[:2])
    page = _paper(page, scene, random)
    xs, ys = (
        _grid(wide, [f[1] for f in scene.folds if f[0] == "x"]),
        _grid(high, [f[1] for f in scene.folds if f[0] == "y"]),
    )
    solid = _bent(xs, ys, scene, wide, high)
    seen = _camera(solid, scene)
    mapx, mapy = _inverse(seen, xs, ys, scene.size)
    picture = _table(scene, random)
    covered = mapx >= 0
    sheet = cv2.remap(page, mapx, mapy, cv2.INTER_AREA, borderValue=(255, 255, 255)).astype(np.float32)
    light = _light(solid, seen, xs, ys, scene, mapx, mapy)
    picture[covered] = sheet[covered] * light[covered][:, None]
    picture *= _shade(scene, random)[..., None] * np.array(scene.tint, np.float32)
    if scene.glare:
        picture = _reflection(picture, scene, mapx, mapy)
    picture = cv2.GaussianBlur(picture, (0, 0), scene.blur) if scene.blur else picture
    picture += random.normal(0, scene.noise, picture.shape).astype(np.float32)
    file = io.BytesIO()
    Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=scene.jpeg, **scene.more)
    return file.getvalue(), seen[[0, 0, -1, -1], [0, -1, -1, 0]]


def _paper(page: np.ndarray, scene: Scene, random: np.random.Generator) -> np.ndarray:
    """Print is duller than the screen, paper has a grain, and a fold leaves a worn and a dirty line."""
    sheet = 255 * (0.05 + 0.9 * (page.astype(np.float32) / 255) ** 0.92)
    grain = cv2.GaussianBlur(random.random(page.shape[:2], np.float32), (0, 0), 2.5) - 0.5
    sheet += 12 * grain[..., None]
    for way, place, _angle in scene.folds:
        line = np.zeros(page.shape[:2], np.float32)
        at = round(place * PER_MM)
        (line[:, at - 2 : at + 3] if way == "x" else line[at - 2 : at + 3])[:] = 1
        line = cv2.GaussianBlur(line, (0, 0), 2.0)
        rough = cv2.GaussianBlur(random.random(page.shape[:2], np.float32), (0, 0), 3) * 6 - 2.5
        sheet *= (1 - 0.28 * line * np.clip(rough, 0, 1))[..., None]
        sheet += (255 - sheet) * (0.35 * line * np.clip(-rough, 0, 1))[..., None]
    return np.clip(sheet, 0, 255).astype(np.uint8)


def _grid(length: float, folds: list[float]) -> np.ndarray:
    return np.unique(np.r_[np.arange(0, length, 6), length, folds])


def _bent(xs: np.ndarray, ys: np.ndarray, scene: Scene, wide: float, high: float) -> np.ndarray:
    """Places in space of a grid on the paper: hinges one way and then, a little, the other way."""
    x, xz = _profile(xs, [f[1:] for f in scene.folds if f[0] == "x"], scene.curl)
    y, yz = _profile(ys, [f[1:] for f in scene.folds if f[0] == "y"], 0)
    solid = np.zeros((len(ys), len(xs), 3))
    solid[..., 0], solid[..., 1] = np.meshgrid(x - x.mean(), y - y.mean())
    solid[..., 2] = xz[None] + yz[:, None]
    return solid


def _profile(at: np.ndarray, folds: list[tuple[float, float]], curl: float) -> tuple[np.ndarray, np.ndarray]:
    """Course in space of a strip of paper: its length stays."""
    slope = np.zeros(len(at) - 1)
    middle = (at[1:] + at[:-1]) / 2
    for place, angle in folds:
        slope += np.radians(angle) / 2 * np.sign(middle - place)
    if curl:
        slope += (middle - at[-1] / 2) / curl
    steps = np.diff(at)
    return np.r_[0, np.cumsum(steps * np.cos(slope))], np.r_[0, np.cumsum(steps * np.sin(slope))]


def _camera(solid: np.ndarray, scene: Scene) -> np.ndarray:
    a, b = np.radians(scene.tilt)
    turn = np.radians(scene.turn)
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    placed = solid @ (about_x @ about_y @ about_z).T
    away = 1.25 * max(np.ptp(solid[..., 0]), np.ptp(solid[..., 1]))
    flat = placed[..., :2] / (away - placed[..., 2])[..., None]
    low, top = flat.reshape(-1, 2).min(axis=0), flat.reshape(-1, 2).max(axis=0)
    size = np.array(scene.size)
    zoom = scene.fill * (size / (top - low)).min()
    return (flat - (low + top) / 2) * zoom + size / 2 + np.array(scene.shift) * size


def _inverse(seen: np.ndarray, xs: np.ndarray, ys: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel of the picture the pixel of the page; -1 on the table."""
    mapx, mapy = (np.full((size[1], size[0]), -1, np.float32) for _ in range(2))
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            quad = seen[[row, row, row + 1, row + 1], [column, column + 1, column + 1, column]]
            low = np.maximum(np.floor(quad.min(axis=0)).astype(int), 0)
            top = np.minimum(np.ceil(quad.max(axis=0)).astype(int) + 1, size)
            if (top <= low).any():
                continue
            mm = np.array(
                [
                    [xs[column], ys[row]],
                    [xs[column + 1], ys[row]],
                    [xs[column + 1], ys[row + 1]],
                    [xs[column], ys[row + 1]],
                ]
            )
            back = cv2.getPerspectiveTransform(quad.astype(np.float32), mm.astype(np.float32))
            u, v = np.meshgrid(np.arange(low[0], top[0]), np.arange(low[1], top[1]))
            places = cv2.perspectiveTransform(np.column_stack([u.ravel(), v.ravel()]).astype(np.float64)[None], back)[
                0
            ].reshape(*u.shape, 2)
            edge = 0.02
            inside = (places[..., 0] >= xs[column] - edge) & (places[..., 0] <= xs[column + 1] + edge)
            inside &= (places[..., 1] >= ys[row] - edge) & (places[..., 1] <= ys[row + 1] + edge)
            for target, value in ((mapx, places[..., 0]), (mapy, places[..., 1])):
                target[low[1] : top[1], low[0] : top[0]][inside] = (value * PER_MM - 0.5)[inside]
    return mapx, mapy


def _light(
    solid: np.ndarray,
    seen: np.ndarray,
    xs: np.ndarray,
    ys: np.ndarray,
    scene: Scene,
    mapx: np.ndarray,
    mapy: np.ndarray,
) -> np.ndarray:
    """Each face of the paper has its own light, by its slope to a lamp."""
    across = np.gradient(solid[..., 2], xs, axis=1) if len(xs) > 1 else 0
    down = np.gradient(solid[..., 2], ys, axis=0)
    shade = (1 - 0.9 * across - 0.6 * down).astype(np.float32)
    u = np.interp(mapx / PER_MM, xs, np.arange(len(xs))).astype(np.float32)
    v = np.interp(mapy / PER_MM, ys, np.arange(len(ys))).astype(np.float32)
    return cv2.remap(shade, u, v, cv2.INTER_LINEAR)


def _shade(scene: Scene, random: np.random.Generator) -> np.ndarray:
    wide, high = scene.size
    x, y = np.meshgrid(np.linspace(-1, 1, wide, dtype=np.float32), np.linspace(-1, 1, high, dtype=np.float32))
    way = random.uniform(0, 6.3)
    light = 0.92 - scene.gradient * (0.5 + 0.5 * (x * np.cos(way) + y * np.sin(way)))
    if scene.shadow:
        hand = np.zeros((high, wide), np.float32)
        outline = np.array([[0.1, 1.1], [0.25, 0.45], [0.42, 0.3], [0.6, 0.42], [0.72, 1.1]]) * [wide, high]
        cv2.fillPoly(hand, [outline.astype(np.int32)], 1.0)
        light *= 1 - scene.shadow * cv2.GaussianBlur(hand, (0, 0), wide / 160)
    return light


def _table(scene: Scene, random: np.random.Generator) -> np.ndarray:
    wide, high = scene.size
    grain = cv2.resize(random.random((high // 8, wide // 120), np.float32), (wide, high), interpolation=cv2.INTER_CUBIC)
    return np.stack([120 + 60 * grain, 82 + 50 * grain, 50 + 40 * grain], axis=-1).astype(np.float32)


def _reflection(picture: np.ndarray, scene: Scene, mapx: np.ndarray, mapy: np.ndarray) -> np.ndarray:
    x, y, radius = scene.glare
    away = np.hypot(mapx / PER_MM - x, mapy / PER_MM - y) / radius
    share = np.clip(1.6 - away, 0, 1)
    share[mapx < 0] = 0
    share = cv2.GaussianBlur(share.astype(np.float32), (0, 0), 12)
    return picture * (1 - share[..., None]) + 275 * share[..., None]
