// Vector tiles: one canvas layer over several tile sets, each described by a TileJSON.
import { leafletLayer } from "protomaps-leaflet";
import { on } from "../lib/dom.js";
import { getBytes, getJson } from "../lib/request.js";
import { addressOf, touches } from "./first.js";
import { missingTiles } from "./missing.js";

/** A tile that was asked for before this script was here (pages/first_tiles.js), once; null if it was not, or did not come. */
async function askedBefore(address) {
  const asked = window.firstTiles && window.firstTiles[address];
  if (!asked) return null;
  delete window.firstTiles[address];
  const response = await asked;
  if (response && response.status === 204) return new ArrayBuffer(0);
  return response && response.ok ? response.arrayBuffer() : null;
}

/**
 * What protomaps-leaflet asks for a tile: our own, because it must see HTTP errors and leave shallow tiles alone.
 * Tiles have another address once their version was computed; `renew` reads the TileJSON again when one is gone (404).
 */
export function source(tileJson, missing, renew) {
  const [first] = tileJson.tiles;
  let template = first;
  let renewing = null;

  const address = (z, x, y) => addressOf(template, z, x, y);
  const nameOf = (z, x, y) => addressOf(first, z, x, y); // stays when the address becomes another

  async function newer(old, z, x, y) {
    renewing = renewing || renew().finally(() => (renewing = null));
    template = (await renewing).tiles[0];
    return address(z, x, y) === old ? null : address(z, x, y);
  }

  async function bytes(where, z, x, y, signal) {
    try {
      return (await askedBefore(where)) || (await getBytes(where, { signal }));
    } catch (error) {
      const moved = error.status === 404 && (await newer(where, z, x, y));
      if (!moved) throw error;
      return getBytes(moved, { signal });
    }
  }

  return {
    nameOf,
    async getZxy(z, x, y, signal) {
      if (z < (tileJson.minzoom || 0) || !touches(tileJson.bounds, z, x, y)) return undefined;
      try {
        const data = await bytes(address(z, x, y), z, x, y, signal);
        missing.came(nameOf(z, x, y));
        return data && data.byteLength ? { data } : undefined;
      } catch (error) {
        if (!signal.aborted) missing.failed(nameOf(z, x, y));
        throw error;
      }
    },
  };
}

/** Names of the tiles of data under what a layer shows now. */
function shownBy(layer, sources) {
  const shown = new Set();
  for (const { coords } of Object.values(layer._tiles)) {
    layer.views.forEach((view, name) => {
      const { z, x, y } = view.dataTileForDisplayTile(layer._wrapCoords(coords)).dataTile;
      shown.add(sources[name].url.nameOf(z, x, y));
    });
  }
  return shown;
}

/** {base: "…/tiles.json", version: …} -> the layer and the TileJSONs; a tile set that cannot be had is left out and reported.
 * `rules` and `labels` make paint and label rules of the names that are there; TileJSONs that the page brought are `known`. */
export async function openTiles(urls, rules, { labels = () => [], known = {}, onProblem, onMissing }) {
  const sets = {};
  const sources = {};
  let layer = null;
  const missing = missingTiles({ onChange: onMissing, again: () => layer.rerenderTiles(), inView: () => shownBy(layer, sources) });
  await Promise.all(
    Object.entries(urls).map(async ([name, url]) => {
      try {
        sets[name] = known[name] || (await getJson(url));
      } catch (error) {
        onProblem(error);
      }
    })
  );
  const names = Object.keys(sets);
  if (!names.length) return { layer, sets };
  for (const name of names) sources[name] = { url: source(sets[name], missing, () => getJson(urls[name])), maxDataZoom: sets[name].maxzoom };
  layer = leafletLayer({ sources, paintRules: rules(names), labelRules: labels(names), attribution: "", maxZoom: 20 });
  layer.on("tileunload", missing.moved);
  layer.on("add", () => on(window, "online", missing.online));
  layer.on("remove", () => window.removeEventListener("online", missing.online));
  return { layer, sets };
}
