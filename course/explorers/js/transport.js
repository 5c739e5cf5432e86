// Play, step, scrub: all in the browser, from data that is already here.
const ICONS = {
  first: "M4 3h2v10H4zM14 3v10L7 8z",
  back: "M11 3v10L4 8z",
  play: "M4 2v12l10-6z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3v10l7-5z",
};

class Transport {
  constructor(parent, onMove) {
    this.onMove = onMove;
    this.last = 0;
    this.t = 0;
    this.box = html("div", { class: "course-transport", role: "group", "aria-label": "Steps" }, parent);
    this.button("first", "Go to the start", () => this.go(0));
    this.button("back", "One step back", () => this.go(Math.ceil(this.t - 1)));
    this.playButton = this.button("play", "Play", () => (this.playing ? this.pause() : this.play()));
    this.button("next", "One step forward", () => this.go(Math.floor(this.t + 1)));
    this.range = html("input", { type: "range", min: 0, step: 1, "aria-label": "Step", ...QUIET }, this.box);
    this.range.addEventListener("input", () => this.go(Number(this.range.value)));
    this.box.hidden = true;
    this.readout = html("output", { class: "course-step", "aria-live": "off" }, this.box);
  }

  button(icon, label, action) {
    const button = html("button", { type: "button", "aria-label": label, title: label, ...QUIET }, this.box);
    const picture = make("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, button);
    make("path", { d: ICONS[icon], fill: "currentColor" }, picture);
    button.addEventListener("click", action);
    return button;
  }

  // new data: stay at the end if we were there (a dragged start shows its whole path)
  setLast(last, wanted) {
    const atEnd = this.t >= this.last;
    this.last = last;
    this.box.hidden = last < 1;
    this.range.max = last;
    if (this.playing) this.t = Math.min(this.t, last);
    else this.t = wanted >= 0 ? Math.min(wanted, last) : atEnd ? last : Math.min(this.t, last);
    this.label();
  }

  go(t) {
    this.pause();
    this.t = Math.max(0, Math.min(this.last, t));
    this.label();
    this.onMove(this.t, true);
  }

  play() {
    if (this.last < 1) return;
    if (this.t >= this.last) this.t = 0;
    const duration = Math.max(1500, Math.min(8000, 120 * this.last));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let then = null;
    let t = this.t;
    const tick = (now) => {
      if (!this.playing) return;
      t = Math.min(this.last, t + (then === null ? 0 : ((now - then) / duration) * this.last));
      then = now;
      this.t = still ? Math.floor(t) : t;
      this.label();
      if (t >= this.last) return this.go(this.last);
      this.onMove(this.t, false);
      this.playing = requestAnimationFrame(tick);
    };
    this.playing = requestAnimationFrame(tick);
    this.icon("pause", "Pause");
  }

  pause() {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.icon("play", "Play");
  }

  icon(icon, label) {
    this.playButton.querySelector("path").setAttribute("d", ICONS[icon]);
    this.playButton.setAttribute("aria-label", label);
    this.playButton.title = label;
  }

  label() {
    const step = Math.floor(this.t);
    this.range.value = step;
    this.range.setAttribute("aria-valuetext", `step ${step} of ${this.last}`);
    this.readout.textContent = `step ${step} of ${this.last}`;
  }
}
