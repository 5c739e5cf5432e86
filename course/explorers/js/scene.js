// The scene: marks, given as arrays of data coordinates, drawn as SVG over a background picture.
const SVG = "http://www.w3.org/2000/svg";

function make(tag, attributes = {}, parent = null) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  parent?.append(node);
  return node;
}

function html(tag, attributes = {}, parent = null, text = "") {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  parent?.append(node);
  return node;
}

// Data coordinates <-> stage pixels for one panel. What cannot be drawn becomes NaN (pen up).
function scaleOf({ rect: [left, top, width, height], xlim, ylim, xlog, ylog }) {
  const forward = (log) => (log ? Math.log10 : (v) => v);
  const inverse = (log) => (log ? (v) => 10 ** v : (v) => v);
  const axis = (limits, log, start, length) => {
    const [low, high] = limits.map(forward(log));
    const far = 1e5; // browsers draw no sensible line to a pixel farther away
    return {
      to: (v) => {
        const pixel = start + ((forward(log)(v) - low) / (high - low)) * length;
        return Number.isNaN(pixel) ? NaN : Math.max(-far, Math.min(far, pixel));
      },
      from: (pixel) => inverse(log)(low + ((pixel - start) / length) * (high - low)),
    };
  };
  return { x: axis(xlim, xlog, left, width), y: axis(ylim, ylog, top + height, -height) };
}

// The marks and the readout with their numbers: views into one buffer, the readout's float64 first.
function decode(view, metas, readout) {
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  let offset = 0;
  const take = (Numbers, dims) => {
    const data = new Numbers(bytes, offset, dims.reduce((a, b) => a * b, 1));
    offset += data.byteLength;
    return data;
  };
  const read = take(Float64Array, readout.dims);
  const marks = metas.map((meta) => ({ ...meta, data: take(Float32Array, meta.dims) }));
  return { marks, readout: readout.template ? { ...readout, data: read } : null };
}

const mix = (a, b, share) => a + (b - a) * share;

// an item's numbers as an array of their own, without a view for each: there are thousands a frame
function numbersAt(data, start, width) {
  const numbers = [];
  for (let k = start; k < start + width; k++) numbers.push(data[k]);
  return numbers;
}

// The items of a mark at time t (a real number: between two steps the picture is interpolated).
function itemsAt(mark, t) {
  const width = mark.dims.at(-1);
  const rows = mark.dims[0];
  const item = (i) => numbersAt(mark.data, i * width, width);
  const before = Math.max(0, Math.min(Math.floor(t), rows - 1));
  const after = Math.min(before + 1, rows - 1);
  const share = Math.min(Math.max(t - before, 0), 1);
  const between = (i, j) => {
    const next = item(j);
    return item(i).map((v, k) => mix(v, next[k], share));
  };
  if (mark.timing === "static") return Array.from({ length: rows }, (_, i) => item(i));
  if (rows === 0) return [];
  if (mark.timing === "current") return [between(before, after)];
  if (mark.timing === "frames") {
    const count = mark.dims[1];
    return Array.from({ length: count }, (_, i) => between(before * count + i, after * count + i));
  }
  const shown = Array.from({ length: before + 1 }, (_, i) => item(i));
  if (share > 0 && after > before) {
    const next = item(after);
    if (mark.kind === "line") shown.push(between(before, after));
    // an arrow grows from its tail
    if (mark.kind === "arrows")
      shown.push([next[0], next[1], mix(next[0], next[2], share), mix(next[1], next[3], share)]);
  }
  return shown;
}

function textsAt(mark, t) {
  const step = Math.max(0, Math.min(Math.floor(t), mark.texts.length - 1));
  if (mark.timing === "current") return mark.texts.slice(step, step + 1);
  return mark.timing === "reveal" ? mark.texts.slice(0, step + 1) : mark.texts;
}

const f = (v) => v.toFixed(2);

const PATHS = {
  line: (pixels) => {
    let pen = "M";
    let d = "";
    for (const [x, y] of pixels) {
      if (Number.isNaN(x) || Number.isNaN(y)) pen = "M";
      else {
        d += `${pen}${f(x)} ${f(y)}`;
        pen = "L";
      }
    }
    return d;
  },
  region: (pixels) => (pixels.length ? `${PATHS.line(pixels)}Z` : ""),
  bars: (pixels) => pixels.map(([l, b, r, t]) => `M${f(l)} ${f(b)}L${f(l)} ${f(t)}L${f(r)} ${f(t)}L${f(r)} ${f(b)}Z`).join(""),
  points: (pixels, { shape, size }) => pixels.filter((p) => p.every((v) => !Number.isNaN(v))).map(([x, y]) => SHAPES[shape](x, y, size / 2)).join(""),
  arrows: (pixels) => pixels.map(arrow).join(""),
};

const polygon = (corners) => `M${corners.map(([x, y]) => `${f(x)} ${f(y)}`).join("L")}Z`;
const round = (x, y, r) => `M${f(x - r)} ${f(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
const SHAPES = {
  circle: round,
  ring: round,
  square: (x, y, r) => polygon([[x - r, y - r], [x + r, y - r], [x + r, y + r], [x - r, y + r]]),
  diamond: (x, y, r) => polygon([[x, y - 1.3 * r], [x + 1.3 * r, y], [x, y + 1.3 * r], [x - 1.3 * r, y]]),
  star: (x, y, r) => polygon(Array.from({ length: 10 }, (_, i) => {
    const [angle, reach] = [(Math.PI * i) / 5 - Math.PI / 2, (i % 2 ? 0.6 : 1.5) * r];
    return [x + reach * Math.cos(angle), y + reach * Math.sin(angle)];
  })),
  cross: (x, y, r) => `M${f(x - r)} ${f(y - r)}L${f(x + r)} ${f(y + r)}M${f(x - r)} ${f(y + r)}L${f(x + r)} ${f(y - r)}`,
};

function arrow([x0, y0, x1, y1]) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!(length > 1)) return "";
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const head = Math.min(9, 0.6 * length);
  const [bx, by] = [x1 - head * ux, y1 - head * uy];
  const barb = (side) => `${f(bx - side * uy * head * 0.45)} ${f(by + side * ux * head * 0.45)}`;
  return `M${f(x0)} ${f(y0)}L${f(x1)} ${f(y1)}M${barb(1)}L${f(x1)} ${f(y1)}L${barb(-1)}Z`;
}

// How each kind is inked; "role" is the palette's colour of the mark's role.
function inkOf(mark) {
  const role = `var(--course-${mark.role})`;
  const solid = mark.kind === "bars" || mark.kind === "region" ||
    (mark.kind === "points" && !["cross", "ring"].includes(mark.shape));
  const attributes = {
    fill: solid || mark.kind === "arrows" ? role : "none",
    stroke: solid ? "none" : role,
    "stroke-width": mark.kind === "points" ? 2 : mark.size,
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
    opacity: mark.opacity,
    "clip-path": `url(#${mark.clip})`,
  };
  if (mark.dash) attributes["stroke-dasharray"] = "6 4";
  return attributes;
}

class Scene {
  constructor(parent, name) {
    this.name = name;
    this.svg = make("svg", { class: "course-scene", role: "group" }, parent);
    this.defs = make("defs", {}, this.svg);
    this.image = make("image", { x: 0, y: 0 }, this.svg);
    this.layer = make("g", { "pointer-events": "none" }, this.svg);
    this.top = make("g", {}, this.svg);
    this.scales = {};
    this.marks = [];
  }

  setPanels(size, panels) {
    const [width, height] = size;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.image.setAttribute("width", width);
    this.image.setAttribute("height", height);
    this.panels = panels;
    this.defs.replaceChildren();
    for (const panel of panels) {
      this.scales[panel.name] = scaleOf(panel);
      const [x, y, w, h] = panel.rect;
      // lines end at the frame; a point that stands on it is shown whole
      for (const [kind, by] of [["tight", 0], ["loose", 10]]) {
        const clip = make("clipPath", { id: `${this.name}-${panel.name}-${kind}` }, this.defs);
        make("rect", { x: x - by, y: y - by, width: w + 2 * by, height: h + 2 * by }, clip);
      }
    }
  }

  setBackground(bytes) {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = bytes.byteLength ? URL.createObjectURL(new Blob([bytes], { type: "image/png" })) : null;
    if (this.url) this.image.setAttribute("href", this.url);
  }

  setMarks(marks) {
    // elements are kept while the list of kinds stays the same: a drag then changes only numbers
    const same = marks.length === this.marks.length &&
      marks.every((mark, i) => mark.kind === this.marks[i].kind);
    if (!same) {
      this.layer.replaceChildren();
      this.nodes = marks.map((mark) => make(mark.kind === "text" ? "g" : "path", {}, this.layer));
    }
    this.marks = marks.map((mark) => {
      const kind = mark.kind === "points" || mark.kind === "arrows" ? "loose" : "tight";
      return { ...mark, clip: `${this.name}-${mark.panel}-${kind}` };
    });
    this.marks.forEach((mark, i) => {
      if (mark.kind === "text") return;
      for (const [key, value] of Object.entries(inkOf(mark))) this.nodes[i].setAttribute(key, value);
      if (!mark.dash) this.nodes[i].removeAttribute("stroke-dasharray");
    });
  }

  draw(t) {
    this.marks.forEach((mark, i) => {
      const { x, y } = this.scales[mark.panel];
      const pixels = itemsAt(mark, t).map((row) => row.map((v, k) => (k % 2 ? y : x).to(v)));
      if (mark.kind === "text") this.drawText(this.nodes[i], mark, pixels, textsAt(mark, t));
      else this.nodes[i].setAttribute("d", PATHS[mark.kind](pixels, mark));
    });
  }

  drawText(group, mark, pixels, words) {
    while (group.childElementCount > pixels.length) group.lastChild.remove();
    pixels.forEach(([x, y], i) => {
      const node = group.children[i] ?? make("text", {}, group);
      const seen = !Number.isNaN(x) && !Number.isNaN(y);
      node.textContent = seen ? words[i] ?? "" : "";
      if (!seen) return;
      const [dx, dy] = mark.shift;
      const place = { x: f(x + dx), y: f(y + dy), "text-anchor": mark.anchor, "font-size": mark.size };
      for (const [key, value] of Object.entries(place)) node.setAttribute(key, value);
      node.style.fill = `var(--course-${mark.role})`;
    });
  }

  // y on the polyline of a named mark, for handles that run along a curve
  along(name, x) {
    const mark = this.marks.find((m) => m.name === name);
    if (!mark) return NaN;
    for (let i = 1; i < mark.dims[0]; i++) {
      const [x0, y0, x1, y1] = mark.data.subarray(2 * i - 2, 2 * i + 2);
      if (x0 <= x && x <= x1) return mix(y0, y1, (x - x0) / (x1 - x0 || 1));
    }
    return NaN;
  }

  // by how much the picture is drawn smaller than it was made, 1 if it is not
  shrunk() {
    const { width } = this.svg.getBoundingClientRect();
    const made = this.svg.viewBox.baseVal?.width;
    return width && made ? Math.min(1, width / made) : 1;
  }

  // the pointer's place in data coordinates of a panel
  locate(event, panel) {
    const { x, y } = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(this.svg.getScreenCTM().inverse());
    const scale = this.scales[panel];
    return [scale.x.from(x), scale.y.from(y)];
  }

  dispose() {
    if (this.url) URL.revokeObjectURL(this.url);
  }
}
