// Small pictures for lists: colours, lines, hatching. SVG attributes, because the content policy allows no inline style.

const NS = "http://www.w3.org/2000/svg";

function svg(box, name, shapes) {
  const picture = document.createElementNS(NS, "svg");
  picture.setAttribute("viewBox", box);
  picture.setAttribute("class", name);
  picture.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(NS, tag);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    picture.appendChild(shape);
  }
  return picture;
}

export const colourPicture = (colour) => svg("0 0 10 10", "swatch", [["rect", { width: 10, height: 10, fill: colour }]]);

export const linePicture = ({ colour, dash }) =>
  svg("0 0 24 24", "swatch swatch--line", [["path", { d: "M1 12h22", fill: "none", stroke: colour, "stroke-width": 4, "stroke-dasharray": dash.join(" ") }]]);

export const hatchPicture = () => svg("0 0 24 24", "swatch", [["path", { d: "M0 12 12 0M0 24 24 0M12 24 24 12", stroke: "#c1121f", "stroke-width": 3 }]]);
export const pinPicture = () => svg("0 0 24 24", "swatch swatch--line", [["circle", { cx: 12, cy: 12, r: 10, fill: "#1a5580" }], ["path", { d: "M8 12h8", stroke: "#fff", "stroke-width": 3 }]]);
