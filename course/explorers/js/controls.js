// Controls: a label, a native input, a typed value. All are reached by keyboard, and none lets
// JupyterLab's single-key shortcuts through (the attribute must stand on the focused element).
const QUIET = { "data-lm-suppress-shortcuts": "true" };

// a number with all its digits but the last ones, where 0.1 + 0.2 is not 0.3
const plain = (value) => String(Number(value.toPrecision(12)));

const BUILD = {
  slider(spec, row, send, expect) {
    const log = spec.scale === "log";
    const whole = spec.whole ? Math.round : (v) => v;
    // a logarithmic range counts hundredths of a decade, and its ends stand for the limits
    const to = log ? (v) => 100 * Math.log10(v) : (v) => v;
    const from = log ? (v) => whole(Number((10 ** (v / 100)).toPrecision(3))) : (v) => v;
    const id = `${row.id}-field`;
    row.querySelector("label").setAttribute("for", id);
    let range = null;
    let place = NaN; // of the range when it last stood still or moved
    const at = (steps) => {
      const value = from(Number(range.value) + steps * Number(range.step));
      return Number(plain(Math.max(spec.low, Math.min(spec.high, value))));
    };
    if (spec.display === "slider") {
      range = html("input", {
        type: "range", min: log ? Math.floor(to(spec.low)) : spec.low,
        max: log ? Math.ceil(to(spec.high)) : spec.high, step: log ? 1 : spec.step,
        "aria-label": spec.label, ...QUIET,
      }, row);
      const beside = (steps) => [at(steps), at(-steps)].filter((value) => value !== at(0));
      range.addEventListener("focus", () => expect(beside(1)));
      range.addEventListener("input", () => {
        const value = at(0);
        field.value = plain(value);
        range.setAttribute("aria-valuetext", plain(value));
        const steps = Math.round((Number(range.value) - place) / Number(range.step));
        place = Number(range.value);
        // who takes single steps takes another one, or goes back
        send(value, Math.abs(steps) === 1 ? beside(steps) : []);
      });
    }
    const field = html("input", {
      type: "number", id, min: spec.low, max: spec.high, step: log ? "any" : spec.step,
      title: `${spec.label}, from ${spec.low} to ${spec.high}`, ...QUIET,
    }, row);
    field.addEventListener("change", () => {
      if (field.value === "" || Number.isNaN(Number(field.value))) return set(set.last);
      send(Number(field.value));
    });
    field.addEventListener("keydown", (event) => event.stopPropagation());
    const set = (value) => {
      set.last = value;
      field.value = plain(value);
      if (!range) return;
      if (at(0) !== value) range.value = to(value); // of several places, it stays where it is
      place = Number(range.value);
      range.setAttribute("aria-valuetext", plain(value));
    };
    return set;
  },
  choice(spec, row, send) {
    const select = html("select", { id: `${row.id}-field`, ...QUIET }, row);
    row.querySelector("label").setAttribute("for", select.id);
    for (const option of spec.options) html("option", { value: option }, select, option);
    select.addEventListener("change", () => send(select.value));
    return (value) => { select.value = value; };
  },
  toggle(spec, row, send) {
    const box = html("input", { type: "checkbox", id: `${row.id}-field`, ...QUIET });
    row.querySelector("label").setAttribute("for", box.id);
    row.prepend(box);
    box.addEventListener("change", () => send(box.checked));
    return (value) => { box.checked = value; };
  },
};

class Controls {
  constructor(parent, model, wire, name) {
    const specs = model.get("controls").filter((spec) => spec.display !== "hidden");
    this.wire = wire;
    this.box = html("div", { class: "course-controls", role: "group", "aria-label": "Controls" });
    if (!specs.length) return;
    parent.append(this.box);
    this.setters = specs.map((spec) => {
      const row = html("div", { class: `course-control course-${spec.kind}`, id: `${name}-${spec.name}` }, this.box);
      html("label", {}, row, spec.label);
      const to = (value) => ({ type: "set", name: spec.name, value });
      const send = (value, next = []) => wire.post(spec.name, to(value), next.map(to));
      const expect = (values) => wire.expect(values.map(to));
      return [spec.name, BUILD[spec.kind](spec, row, send, expect)];
    });
    const reset = html("button", { type: "button", class: "course-reset", ...QUIET }, this.box, "Reset");
    reset.addEventListener("click", () => wire.post("reset", { type: "reset" }));
  }

  show(values) {
    for (const [name, set] of this.setters ?? []) if (!this.wire.busyWith(name)) set(values[name]);
  }
}
