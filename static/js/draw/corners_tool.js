// Moving corners: a handle on each corner of the chosen zone, a smaller one in the middle of each edge. A corner moves in every zone that has it.
// By keyboard Enter takes the corner or edge at the cross, the arrows carry it, Enter puts it down.
import { t } from "../lib/words.js";
import { L } from "../map/leaflet.js";
import { keyOf, ringsOf, rounded, same } from "./geometry.js";
import { shapeGrid } from "./snap.js";

const MOST = 250; // handles: of a zone with more only those in view, and none until one comes nearer
const icon = (kind) => L.divIcon({ className: `handle handle--${kind}`, html: "", iconSize: [44, 44], iconAnchor: [22, 22] });

export function cornersTool(board, removeButton) {
  const { leaflet, aim, look, nodes } = board;
  const group = L.layerGroup();
  let on = false;
  let held = null; // {from} or {edge: [a, b]}: carried by keys
  let picked = null; // a corner that can be removed
  let dragging = false; // the map may be moved along: the handles must stay

  const number = () => (board.chosen.size === 1 ? [...board.chosen][0] : null);

  function handle(place, kind, job) {
    const marker = L.marker([place[1], place[0]], { icon: icon(kind), draggable: true, autoPan: true, autoPanPadding: [16, 16], keyboard: false, zIndexOffset: kind === "corner" ? 100 : 0 });
    marker.on("dragstart", () => (dragging = true));
    marker.on("drag", () => carry(job, marker.getLatLng()));
    marker.on("dragend", () => {
      dragging = false;
      const to = look.snap ? look.snap.point : [marker.getLatLng().lng, marker.getLatLng().lat];
      drop(job, to);
    });
    marker.on("click", () => kind === "corner" && pick(place));
    group.addLayer(marker);
  }

  function show() {
    group.clearLayers();
    pick(null);
    const chosen = number();
    if (!on || chosen === null) return;
    const view = leaflet.getBounds().pad(0.1);
    const seen = ([lon, lat]) => view.contains([lat, lon]);
    const corners = nodes.ofZone(chosen).filter(seen);
    if (corners.length > MOST) {
      board.say(t("Too many corners are in view. Zoom in to move them."));
      return;
    }
    for (const [a, b] of nodes.edgesOf(chosen)) {
      const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      const [from, to] = [aim.toPixel(a), aim.toPixel(b)];
      if (seen(middle) && Math.hypot(from[0] - to[0], from[1] - to[1]) > 60) handle(middle, "middle", { edge: [a, b] });
    }
    for (const place of corners) handle(place, "corner", { from: place });
  }

  const previewOf = (job, to) => (job.from ? nodes.moved(job.from, to) : nodes.inserted(...job.edge, to));

  function carry(job, latlng) {
    const { point, snap } = aim.at(latlng, { without: job.from || null });
    look.snap = snap;
    board.preview(previewOf(job, rounded(point)));
  }

  function drop(job, place) {
    const to = rounded(place);
    look.snap = null;
    held = null;
    if (job.from && same(job.from, to)) {
      board.preview(null);
      show();
      return;
    }
    const shapes = previewOf(job, to);
    board.preview(null);
    if (job.from) board.step({ kind: "move", moves: [[job.from, to]] }, { shapes });
    else board.step({ kind: "insert", edge: job.edge, to }, { shapes });
    show();
  }

  function pick(place) {
    picked = place;
    removeButton.hidden = !place;
    look.snap = place ? { point: place, kind: "corner" } : null;
    board.redraw();
    if (place) board.say(t("This corner belongs to the zones %(zones)s. Drag it, or remove it with Delete.", { zones: nodes.at(place).join(", ") }));
  }

  function remove() {
    const place = picked || (held && held.from);
    if (!place) return;
    held = null;
    board.preview(null);
    board.step({ kind: "remove", nodes: [place] });
    pick(null);
  }

  /** The corner of the chosen zone nearest to the cross, or the edge under it. */
  function underCross() {
    const chosen = number();
    if (chosen === null) return null;
    const grid = shapeGrid();
    grid.put(chosen, ringsOf(nodes.shape(chosen)));
    const found = board.aimAt([grid]);
    if (!found) return null;
    if (found.kind === "corner") return { from: found.point };
    const edge = nodes.edgesOf(chosen).reduce((best, [a, b]) => {
      const away = board.distanceTo(found.point, a, b);
      return !best || away < best.away ? { away, edge: [a, b] } : best;
    }, null);
    return edge && { edge: edge.edge };
  }

  /** Enter at the cross. */
  function enter() {
    if (held) {
      const { point } = aim.at(aim.centre(), { without: held.from || null });
      const to = rounded(point);
      const moved = !held.from || keyOf(held.from) !== keyOf(to);
      drop(held, to);
      board.say(moved ? t("The corner was put down.") : t("The corner stays where it was."));
      return;
    }
    held = underCross();
    if (!held) board.say(t("No corner or edge of the chosen zone is under the cross."));
    else if (held.from) board.say(t("The corner is taken up. Carry it with the arrow keys, put it down with Enter, remove it with Delete."));
    else board.say(t("A new corner is taken up from this edge. Carry it with the arrow keys and put it down with Enter."));
  }

  function key(event) {
    if (!on) return false;
    if (event.key === "Escape" && held) {
      held = null;
      look.snap = null;
      board.preview(null);
      board.say(t("The corner stays where it was."));
    } else if (event.key === "Delete" || event.key === "Backspace") remove();
    else return false;
    return true;
  }

  leaflet.on("move", () => on && held && carry(held, aim.centre()));
  leaflet.on("moveend", () => on && !held && !dragging && show());
  removeButton.addEventListener("click", remove);

  return {
    start() {
      on = true;
      group.addTo(leaflet);
      show();
      if (number() === null) board.say(t("Choose the zone whose corners you want to move."));
    },
    stop() {
      on = false;
      held = null;
      group.remove();
      pick(null);
      board.preview(null);
    },
    key, enter,
    /** After every change: handles stand where the corners now are. */
    show: () => on && !held && !dragging && show(),
    isOn: () => on,
  };
}
