// The Stage: one widget for every explorer and prediction. The kernel sends data; all drawing,
// playing, stepping and scrubbing happens here.
function themeNow() {
  const lab = document.body.dataset.jpThemeLight;
  if (lab) return lab === "true" ? "light" : "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

// as Python's "g": so many significant digits, an exponent for the very small and large
function general(value, digits) {
  const size = Math.abs(Number(value.toPrecision(digits)));
  if (size !== 0 && (size < 1e-4 || size >= 10 ** digits))
    return value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace(/e([+-])(\d)$/, "e$10$2");
  return String(Number(value.toPrecision(digits)));
}

function format(template, row) {
  return template.replace(/\{(\d+):(?:\.(\d+))?([dfg])\}/g, (_, index, digits, kind) => {
    const value = row[Number(index)];
    if (Number.isNaN(value)) return "–";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const words = kind === "d" ? value.toFixed(0)
      : kind !== "f" ? general(value, Number(digits ?? 6))
      : Math.abs(value) < 1e15 ? value.toFixed(Number(digits ?? 6)) : general(value, 4);
    return words.replace(/^-(0\.?0*)$/, "$1").replaceAll("-", "−");
  });
}

function render({ model, el }) {
  // ids must differ between all stages of a page, and each loads this module anew
  const name = `course-${Math.random().toString(36).slice(2, 10)}`;
  const root = html("section", { class: "course-stage", "aria-label": model.get("title") }, el);
  const gone = html("p", { class: "course-gone", role: "alert", hidden: "" }, root);
  html("h4", { class: "course-title" }, root, model.get("title"));
  const wire = new Wire(model, {
    onSilence: (silent) => notice(silent ? BUSY : ""),
    onEarly: () => touch("alt", "marks", "handles", "values", "summary"),
  });
  const question = model.get("question").prompt ? new Question(root, model, wire) : null;
  const veil = html("p", { class: "course-veil" }, root);
  const body = html("div", { class: "course-body" }, root);
  const controls = new Controls(body, model, wire, name);
  const scene = new Scene(body, name);
  const handles = new Handles(scene, model, wire);
  const transport = new Transport(body, (t, still) => {
    draw(t);
    if (still) remember(t);
  });
  const numbers = html("div", { class: "course-numbers", hidden: "" }, body);
  const printed = html("pre", { class: "course-printed", hidden: "" }, body);
  const summary = html("p", { class: "course-summary", role: "status" }, body);
  const alert = html("p", { class: "course-alert", role: "alert" }, root);
  let readout = null;
  let timer = null;

  const BUSY = "The kernel does not answer. If it is running another cell, wait or interrupt it; " +
    "if it was restarted, run this cell again.";
  const LOST = "The kernel of this picture is gone (it was restarted or shut down). " +
    "Playing and stepping still work; to change values, run this cell again.";

  let lost = false;

  function notice(words) {
    gone.textContent = lost ? LOST : words;
    gone.hidden = !gone.textContent;
  }

  // a restarted kernel has forgotten this widget, though nothing closes its channel
  const kernel = model.widget_manager?.kernel;
  const watch = (_, status) => {
    if (!["restarting", "autorestarting", "terminating", "dead"].includes(status)) return;
    lost = true;
    notice("");
  };
  kernel?.statusChanged?.connect(watch);

  function draw(t) {
    scene.draw(t);
    if (!readout) return;
    const [rows, width] = readout.dims;
    const row = Math.max(0, Math.min(rows - 1, Math.floor(t)));
    numbers.textContent = format(readout.template, readout.data.subarray(row * width, (row + 1) * width));
  }

  // tell the kernel (and so the other views) which step stands still, without haste
  function remember(t) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const frame = t >= transport.last ? -1 : t;
      if (model.get("frame") === frame) return;
      model.set("frame", frame);
      model.save_changes();
    }, 200);
  }

  function update(changed) {
    const has = (...names) => !changed || names.some((n) => changed.has(n));
    const get = (name) => wire.get(name);
    root.classList.toggle("course-veiled", Boolean(model.get("veil")));
    veil.textContent = model.get("veil");
    const drawn = model.get("panels").length > 0;
    if (has("size", "panels") && drawn) scene.setPanels(model.get("size"), model.get("panels"));
    if (has("alt")) scene.svg.setAttribute("aria-label", get("alt"));
    scene.svg.style.display = drawn ? "" : "none";
    if (has("background")) scene.setBackground(model.get("background"));
    if (has("panels", "marks", "buffer", "readout") && drawn) {
      const decoded = decode(get("buffer"), get("marks"), get("readout"));
      readout = decoded.readout;
      numbers.hidden = !readout;
      scene.setMarks(decoded.marks);
      transport.setLast(get("frames") - 1, changed ? -2 : model.get("frame"));
    }
    if (drawn) {
      handles.show(get("handles"));
      draw(transport.t);
    }
    controls.show(get("values"));
    question?.show();
    printed.textContent = model.get("printed") ?? "";
    printed.hidden = !printed.textContent;
    if (summary.textContent !== get("summary")) summary.textContent = get("summary");
    summary.hidden = !get("summary");
    alert.textContent = model.get("alert");
    alert.hidden = !model.get("alert");
    root.dataset.echo = model.get("echo").join(":");
    root.dataset.shown = JSON.stringify(get("values")); // what the picture is of
  }

  function follow() {
    const frame = model.get("frame");
    const t = frame < 0 ? transport.last : Math.min(frame, transport.last);
    if (transport.playing || transport.t === t) return;
    transport.setLast(transport.last, t);
    draw(t);
  }

  // the kernel draws for one theme: the last that a page asked for
  function theme() {
    root.dataset.theme = themeNow();
    if (model.get("theme") === root.dataset.theme && !wire.busyWith("theme")) return;
    wire.post("theme", { type: "theme", theme: root.dataset.theme });
  }

  const NAMES = ["size", "panels", "alt", "background", "marks", "buffer", "frames", "readout", "handles",
    "values", "outcome", "placed", "printed", "summary", "alert", "veil", "echo"];
  let changed = null;
  function touch(...names) {
    if (!changed) queueMicrotask(() => {
      const now = changed;
      changed = null;
      update(now);
    });
    changed = new Set([...(changed ?? []), ...names]);
  }
  const listeners = NAMES.map((key) => {
    const listener = () => touch(key);
    model.on(`change:${key}`, listener);
    return [key, listener];
  });
  model.on("change:frame", follow);
  const lights = new MutationObserver(theme);
  lights.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  root.addEventListener("focusin", theme); // of two pages, the one that is worked in decides

  theme();
  update(null);
  notice("");
  return () => {
    for (const [key, listener] of listeners) model.off(`change:${key}`, listener);
    model.off("change:frame", follow);
    lights.disconnect();
    kernel?.statusChanged?.disconnect(watch);
    clearTimeout(timer);
    transport.pause();
    wire.dispose();
    handles.dispose();
    scene.dispose();
  };
}

export default { render };
