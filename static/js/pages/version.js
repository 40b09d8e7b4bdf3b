// The public page of a version: map, what is said of a tapped place, the comments with their pins, and the form of one's own.
import { byId, el, on, readJson, scrollTo } from "../lib/dom.js";
import { loadScript } from "../lib/load.js";
import { t } from "../lib/words.js";
import { commentOrder } from "../comment/order.js";
import { showComments } from "../comment/shown.js";
import { mountSupports } from "../comment/supports.js";
import { loginAddress } from "../map/comment_place.js";
import { openMap } from "../map/map.js";
import { placePanel } from "../map/place.js";
import { withTools } from "../map/toolbox.js";

const list = document.querySelector("[data-comment-list]");

/** To the words of a comment: its article takes the focus, so that it is read aloud. One on another page of the list is loaded. */
function goTo(id) {
  const article = byId(`comment-${id}`);
  if (!article) {
    window.location.href = `${window.location.pathname}?comment=${id}#comment-${id}`;
    return;
  }
  article.hidden = false;
  window.location.hash = article.id;
  article.focus({ preventScroll: true });
}

/** The list and the pins as they are now, from the page asked for anew. */
function takeOver(nodes, shown, order) {
  const page = el("div", {}, ...nodes);
  list.replaceChildren(...page.querySelector("[data-comment-list]").childNodes);
  const { pins } = JSON.parse(page.querySelector("#map-options").textContent);
  if (shown) shown.update(pins);
  offerPlaces(shown);
  if (page.querySelector("[data-comment-list]").hasAttribute("data-paged")) list.setAttribute("data-paged", "");
  else if (order.show) order.show();
}

const offerPlaces = (shown) => list.querySelectorAll("[data-show-place]").forEach((button) => (button.hidden = !shown));

async function mountForm(box, map, frame, pins, parts) {
  const form = box && box.querySelector("form");
  if (!form) return null;
  await loadScript(form.dataset.script, t("Part of the page could not be loaded. Check the connection and load it again."));
  return window.commentForm.mountForm(form, {
    map,
    frame,
    pins: () => (parts.shown ? parts.shown.pins() : pins),
    onShow: ({ id }) => setTimeout(() => goTo(id), 0),
    onSent({ id }, words, nodes) {
      takeOver(nodes, parts.shown, parts.order);
      const article = byId(`comment-${id}`);
      article.prepend(el("p", { class: "notice", role: "status" }, words));
      goTo(id);
    },
  });
}

/** Addresses of comments are told without the page of the list they stand on. */
function findWanted() {
  const [, id] = window.location.hash.match(/^#comment-(\w{12})$/) || [];
  if (id && "paged" in list.dataset && !byId(`comment-${id}`) && !window.location.search.includes(`comment=${id}`)) goTo(id);
}

async function start() {
  findWanted();
  const frame = document.querySelector("[data-map]");
  const options = readJson(frame.dataset.map);
  const box = byId("comment-form");
  mountSupports(list);
  const order = commentOrder(document.querySelector("[data-comment-order]"), list, options.pins);
  const map = await openMap(frame, options);
  const shown = map && showComments(map, options.pins, (id) => {
    map.full.leave();
    goTo(id);
  });
  const form = mountForm(box, map, frame, options.pins, { shown, order });
  form.catch((error) => map && map.say(error.message, "error")); // the form goes on as one without scripts
  if (!map) return;

  const login = box && box.querySelector("[data-login]");
  const panel = placePanel(map, frame.querySelector("[data-map-panel]"), {
    url: options.identify,
    onComment: box && async function comment(place) {
      if (login) {
        window.location.href = loginAddress(login.getAttribute("href"), window.location.pathname, place);
        return;
      }
      const { setPlace } = await form;
      setPlace(place);
      map.full.leave();
      panel.close();
      map.say(t("A pin was set on the map. Write your comment below."));
      scrollTo(box);
      box.querySelector("textarea").focus({ preventScroll: true });
    },
  });
  map.onPlace((place) => order.near(place));
  offerPlaces(shown);
  on(list, "click", (event) => {
    const button = event.target.closest("[data-show-place]");
    if (!button) return;
    panel.close();
    shown.show(button.dataset.showPlace);
    const container = map.leaflet.getContainer();
    container.scrollIntoView({ block: "center" });
    container.focus({ preventScroll: true });
    map.say(t("The map shows the place of comment %(number)s.", { number: button.closest("article").dataset.number }));
  });
  withTools(map, frame, options, { layers: { comments: shown.layer } });
}

start();
