const REACH = 22; // pixels around a handle that still hold it

// Handles: focusable marks that are dragged by mouse, pen or finger, or moved by arrow keys.
class Handles {
  constructor(scene, model, wire) {
    Object.assign(this, { scene, model, wire, nodes: new Map() });
    scene.svg.addEventListener("pointerdown", (event) => this.press(event));
    scene.svg.addEventListener("click", (event) => this.tap(event));
    this.sized = new ResizeObserver(() => this.resize());
    this.sized.observe(scene.svg);
  }

  // a press on a panel's empty place moves its handle there and drags on (mouse only:
  // a finger there may be about to scroll the page)
  press(event) {
    if (event.pointerType !== "mouse" || event.button !== 0 || event.defaultPrevented) return;
    const node = this.nearest(event);
    if (!node) return;
    event.preventDefault();
    this.grab(node.spec.name, event);
  }

  // a tap of a finger or pen moves the handle there: a scroll makes no click
  tap(event) {
    if (!["touch", "pen"].includes(event.pointerType) || event.target.closest(".course-hit")) return;
    const node = this.nearest(event);
    if (!node) return;
    node.hit.focus({ preventScroll: true });
    this.drag(node, event);
  }

  // the handle of the panel that was pointed at; of several, the one that stands nearest
  nearest(event) {
    const inside = (v, [low, high]) => v >= Math.min(low, high) && v <= Math.max(low, high);
    const found = [...this.nodes.values()].filter(({ spec }) => {
      const panel = this.scene.panels.find((p) => p.name === spec.panel);
      const [x, y] = this.scene.locate(event, panel.name);
      return inside(x, panel.xlim) && inside(y, panel.ylim);
    });
    const far = ({ hit }) => {
      const box = hit.getBoundingClientRect();
      return Math.hypot(event.clientX - box.x - box.width / 2, event.clientY - box.y - box.height / 2);
    };
    return found.sort((a, b) => far(a) - far(b))[0];
  }

  // what a finger can hit keeps its size on the screen when the picture shrinks
  resize() {
    const shrunk = this.scene.shrunk();
    for (const { hit } of this.nodes.values()) hit.setAttribute("r", f(REACH / shrunk));
  }

  show(specs) {
    const names = specs.map((spec) => spec.name);
    for (const [name, node] of this.nodes)
      if (!names.includes(name)) {
        node.group.remove();
        this.nodes.delete(name);
      }
    for (const spec of specs) {
      const node = this.nodes.get(spec.name) ?? this.build(spec);
      node.spec = spec;
      node.hit.setAttribute("aria-label", spec.label);
      node.hit.setAttribute("aria-valuetext", spec.valuetext);
      for (const [key, value] of Object.entries(spec.range)) node.hit.setAttribute(`aria-value${key}`, value);
      node.group.style.setProperty("--handle", `var(--course-${spec.role})`);
      if (!node.dragging && !this.wire.busyWith(spec.name)) this.move(node, spec.x, spec.y);
    }
  }

  build(spec) {
    const group = make("g", { class: "course-handle" }, this.scene.top);
    make("circle", { r: 15, class: "course-halo" }, group);
    make("circle", { r: 8, class: "course-grip" }, group);
    const hit = make("circle", { r: f(REACH / this.scene.shrunk()), class: "course-hit", tabindex: 0, role: "slider", ...QUIET }, group);
    const node = { group, hit, spec, dragging: false };
    this.nodes.set(spec.name, node);
    hit.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.grab(spec.name, event);
    });
    hit.addEventListener("keydown", (event) => this.key(spec.name, event));
    hit.addEventListener("focus", () => this.wire.expect(this.steps(spec.name)));
    return node;
  }

  grab(name, event) {
    const node = this.nodes.get(name);
    const { hit } = node;
    hit.focus({ preventScroll: true });
    hit.setPointerCapture(event.pointerId);
    node.dragging = true;
    node.group.classList.add("course-dragging");
    const drag = (moved) => this.drag(node, moved);
    const drop = () => {
      node.dragging = false;
      node.group.classList.remove("course-dragging");
      hit.removeEventListener("pointermove", drag);
      hit.removeEventListener("pointerup", drop);
      hit.removeEventListener("pointercancel", drop);
      if (!this.wire.busyWith(name)) this.move(node, node.spec.x, node.spec.y);
    };
    hit.addEventListener("pointermove", drag);
    hit.addEventListener("pointerup", drop);
    hit.addEventListener("pointercancel", drop);
    drag(event);
  }

  drag(node, event) {
    const { spec } = node;
    const panel = this.scene.panels.find((p) => p.name === spec.panel);
    const clamp = (v, [a, b]) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), v));
    let [x, y] = this.scene.locate(event, spec.panel);
    [x, y] = [clamp(x, panel.xlim), clamp(y, panel.ylim)];
    if (!spec.axes.includes("x")) x = spec.x;
    if (!spec.axes.includes("y")) y = spec.y;
    const curve = spec.along ? this.scene.along(spec.along, x) : NaN;
    if (!Number.isNaN(curve)) y = clamp(curve, panel.ylim);
    this.move(node, x, y);
    this.wire.post(spec.name, { type: "drag", name: spec.name, x, y });
  }

  key(name, event) {
    const step = event.shiftKey ? 5 : 1;
    const moves = {
      ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step],
      PageUp: [0, 5], PageDown: [0, -5], Home: [-1e9, 0], End: [1e9, 0],
    };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    let [dx, dy] = moves[event.key];
    const { axes } = this.nodes.get(name).spec;
    if (axes === "x") [dx, dy] = [dx || dy, 0]; // a slider: up means more
    if (axes === "y") [dx, dy] = [0, dx || dy];
    const waiting = this.wire.waiting.get(name);
    if (waiting?.type === "nudge") [dx, dy] = [dx + waiting.dx, dy + waiting.dy];
    const nudge = (sign) => ({ type: "nudge", name, dx: sign * dx, dy: sign * dy });
    this.wire.post(name, nudge(1), [nudge(1), nudge(-1)]);
  }

  // the single steps that arrow keys may take
  steps(name) {
    const nudge = (dx, dy) => ({ type: "nudge", name, dx, dy });
    const { axes } = this.nodes.get(name).spec;
    return [
      ...(axes.includes("x") ? [nudge(1, 0), nudge(-1, 0)] : []),
      ...(axes.includes("y") ? [nudge(0, 1), nudge(0, -1)] : []),
    ];
  }

  move(node, x, y) {
    const scale = this.scene.scales[node.spec.panel];
    const [px, py] = [scale.x.to(x), scale.y.to(y)];
    if (!Number.isNaN(px) && !Number.isNaN(py))
      node.group.setAttribute("transform", `translate(${f(px)} ${f(py)})`);
  }

  dispose() {
    this.sized.disconnect();
  }
}
