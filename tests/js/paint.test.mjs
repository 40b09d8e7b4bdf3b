import assert from "node:assert/strict";
import test from "node:test";
import { boxOf, diagonals, fill, hatch, lineRules, rulesFor } from "../../static/js/map/paint.js";

const SQUARE = [[{ x: 0, y: 0 }, { x: 16, y: 0 }, { x: 16, y: 16 }, { x: 0, y: 16 }]];

/** A canvas that writes down what it is told. */
function canvas() {
  const told = [];
  const ctx = new Proxy({}, {
    get: (target, name) => (name in target ? target[name] : (...args) => told.push([name, ...args])),
    set: (target, name, value) => Reflect.set(target, name, value) && told.push([`${String(name)}=`, value]) > 0,
  });
  return { ctx, told };
}

const view = (changes) => ({ mode: "plan", sources: ["base", "version"], lines: [{ kind: "YJJBNT", colour: "#a36a00", dash: [] }], conflicts: true, zone: null, village: null, marked: null, ...changes });
const layers = (rules) => rules.map((rule) => rule.dataLayer);

test("a zone is filled with the colour its tile carries", () => {
  const { ctx, told } = canvas();
  fill().draw(ctx, SQUARE, 15, { props: { colour: "#F5F8DC" } });
  assert.deepEqual(told.find(([name]) => name === "fillStyle="), ["fillStyle=", "#F5F8DC"]);
  assert.deepEqual(told.find(([name]) => name === "fill"), ["fill", "evenodd"]);
});

test("hatching is clipped to the shape and leaves no clip behind", () => {
  const { ctx, told } = canvas();
  hatch().draw(ctx, SQUARE, 15, { geomType: 3, props: {} });
  const names = told.map(([name]) => name);
  assert.ok(names.indexOf("clip") > names.indexOf("save") && names.indexOf("restore") > names.indexOf("clip"));
});

test("hatching lines run on through neighbouring tiles", () => {
  const here = diagonals({ minX: 0, minY: 0, maxX: 256, maxY: 256 }, 8).map(([x, y]) => x + y);
  const next = diagonals({ minX: 256, minY: 0, maxX: 512, maxY: 256 }, 8).map(([x, y]) => x + y);
  assert.ok(here.every((sum) => sum % 8 === 0) && next.every((sum) => sum % 8 === 0));
});

test("the box of a shape holds all its points", () => assert.deepEqual(boxOf(SQUARE), { minX: 0, minY: 0, maxX: 16, maxY: 16 }));

test("the planned picture shows zones, not parcels, and conflicts above lines", () => {
  const order = layers(rulesFor(view({})));
  assert.ok(order.includes("zones") && !order.includes("parcels"));
  assert.ok(order.indexOf("findings") > order.indexOf("control_lines"));
});

test("the existing picture shows parcels and no conflicts", () => {
  const order = layers(rulesFor(view({ mode: "now" })));
  assert.ok(order.includes("parcels") && !order.includes("zones") && !order.includes("findings"));
});

test("switched off, lines and conflicts are not painted", () => {
  const order = layers(rulesFor(view({ lines: [], conflicts: false })));
  assert.ok(!order.includes("control_lines") && !order.includes("findings"));
});

test("a chosen zone is painted last and alone", () => {
  const rules = rulesFor(view({ zone: 7 }));
  const last = rules[rules.length - 1];
  assert.equal(last.dataLayer, "zones");
  assert.ok(last.filter(15, { props: { number: 7 } }) && !last.filter(15, { props: { number: 8 } }));
});

test("each kind of line is painted by its own rule only", () => {
  const [rule] = lineRules([{ kind: "STBHHX", colour: "#0b6b2e", dash: [10, 4] }]);
  assert.ok(rule.filter(15, { props: { kind: "STBHHX" } }) && !rule.filter(15, { props: { kind: "YJJBNT" } }));
});

test("several zones can be chosen at once, and one as before", () => {
  const chosen = (zone, number) => rulesFor({ mode: "plan", sources: ["version"], zone }).filter((r) => r.filter && r.dataLayer === "zones").some((r) => r.filter(16, { props: { number } }));
  assert.equal(chosen([3, 4], 4), true);
  assert.equal(chosen([3, 4], 5), false);
  assert.equal(chosen(5, 5), true);
});

const veiled = (found, props) => rulesFor(view({ found })).some((r) => r.dataLayer === "zones" && r.filter && r.filter(13, { props }));

test("what is looked for stands out by its number", () => {
  const found = { numbers: new Set([3]), code: "07", onVague: assert.fail };
  assert.deepEqual([veiled(found, { number: 3, code: "0703" }), veiled(found, { number: 4, code: "0703" })], [false, true]);
});

test("zones that have grown together are told apart by a class that was asked for", () => {
  const found = { numbers: new Set([3]), code: "07", onVague: assert.fail };
  assert.deepEqual([veiled(found, { code: "070301" }), veiled(found, { code: "0101" })], [false, true]);
});

test("nothing is veiled where what is looked for cannot be told apart, and that is said", () => {
  let said = 0;
  assert.equal(veiled({ numbers: new Set([3]), onVague: () => (said += 1) }, { code: "0101" }), false);
  assert.ok(said);
});
