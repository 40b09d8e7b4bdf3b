// An older version of a plan on the same map, in a pane of its own below the tiles of the newer one.

/** olderPlan(map, {before: tiles, lines}) -> {pane, mark(zones), show(shown)} */
export async function olderPlan(map, options) {
  const before = await map.second(options.before, { mode: "plan", lines: options.lines || [] });
  return { pane: before.pane, show: (shown) => (before.pane.hidden = !shown), mark: (zones) => before.show({ zone: zones }) };
}
