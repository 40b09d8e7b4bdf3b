// A canvas over the map that moves and zooms with it: Leaflet's renderer does the placing, `draw(ctx, view)` the picture.
// view: {zoom, toPixel([lon, lat]), fromWorld([x, y]), box: [w, s, e, n] in world units that is seen}
import { L } from "../map/leaflet.js";

/** Spherical Mercator from 0 to 1, the plane of the tiles; kept with shapes so that panning projects nothing again. */
export function toWorld([lon, lat]) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

export function canvasLayer(leaflet, draw, { padding = 0.2, pane = "overlayPane" } = {}) {
  const Layer = L.Renderer.extend({
    options: { padding, pane },

    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.className = "leaflet-layer board-canvas";
      this._container.setAttribute("aria-hidden", "true");
      this._ctx = this._container.getContext("2d");
    },

    _destroyContainer() {
      this._container.remove();
      delete this._container;
    },

    _updatePaths() {},

    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      const ratio = window.devicePixelRatio > 1 ? 2 : 1;
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this._container.width = ratio * size.x;
      this._container.height = ratio * size.y;
      this._container.style.width = `${size.x}px`;
      this._container.style.height = `${size.y}px`;
      this._ratio = ratio;
      this.draw();
    },

    draw() {
      if (!this._map || !this._bounds) return;
      const { min, max } = this._bounds;
      const zoom = this._zoom;
      const scale = 256 * 2 ** zoom;
      const origin = this._map._getNewPixelOrigin(this._center, zoom);
      const fromWorld = ([x, y]) => [x * scale - origin.x, y * scale - origin.y];
      const box = [(min.x + origin.x) / scale, (min.y + origin.y) / scale, (max.x + origin.x) / scale, (max.y + origin.y) / scale];
      const ctx = this._ctx;
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, this._container.width, this._container.height);
      ctx.setTransform(this._ratio, 0, 0, this._ratio, -min.x * this._ratio, -min.y * this._ratio);
      draw(ctx, { zoom, fromWorld, toPixel: (place) => fromWorld(toWorld(place)), box });
    },
  });
  const layer = new Layer().addTo(leaflet);
  let asked = 0;
  return {
    /** Once per frame, however often it is asked for. */
    redraw() {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(() => layer.draw());
    },
  };
}
