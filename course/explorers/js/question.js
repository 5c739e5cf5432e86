// A prediction: a question with choices, a number field or a place, locked before the answer shows.
class Question {
  constructor(parent, model, wire) {
    Object.assign(this, { model, wire });
    this.box = html("form", { class: "course-question" }, parent);
    this.spec = model.get("question");
    const set = html("fieldset", {}, this.box);
    html("legend", {}, set, this.spec.prompt);
    this.inputs = html("div", { class: "course-answers" }, set);
    this[this.spec.kind]();
    this.lock = html("button", { type: "submit", ...QUIET }, set, "Lock my prediction");
    this.note = html("span", { class: "course-note", role: "status" }, set);
    this.verdict = html("div", { class: "course-verdict", role: "status", tabindex: -1 }, this.box);
    this.again = html("button", { type: "button", class: "course-again", ...QUIET }, this.box,
      "Clear and predict again");
    this.again.addEventListener("click", () => wire.post("answer", { type: "clear" }));
    this.box.addEventListener("submit", (event) => {
      event.preventDefault();
      const guess = this.guess();
      this.say(guess === null ? this.missing : "");
      if (guess !== null) wire.post("answer", { type: "answer", guess });
    });
    this.fieldset = set;
  }

  // what is missing; a line of its own only while there is something to say
  say(words) {
    this.note.textContent = words;
    this.note.hidden = !words;
  }

  choice() {
    this.missing = "Choose one first.";
    const name = `course-${this.wire.client}`;
    this.radios = this.spec.options.map((option, i) => {
      const label = html("label", {}, this.inputs);
      const radio = html("input", { type: "radio", name, value: i, ...QUIET }, label);
      label.append(`(${String.fromCharCode(97 + i)}) ${option}`);
      return radio;
    });
    this.guess = () => {
      const chosen = this.radios.findIndex((radio) => radio.checked);
      return chosen < 0 ? null : chosen;
    };
  }

  number() {
    this.missing = "Type a number first.";
    const label = html("label", {}, this.inputs, "Your prediction: ");
    const field = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", ...QUIET }, label);
    label.append(` ${this.spec.unit}`);
    field.addEventListener("keydown", (event) => event.stopPropagation());
    this.field = field;
    this.guess = () => {
      const value = Number(field.value.trim().replace(",", ".").replace("−", "-"));
      return field.value.trim() === "" || !Number.isFinite(value) ? null : value;
    };
  }

  place() {
    this.missing = "Put the marker on the picture first.";
    html("p", { class: "course-hint" }, this.inputs,
      "Click or tap the picture, or move the marker with the arrow keys.");
    this.guess = () => (this.model.get("placed") ? "place" : null);
  }

  show() {
    const { locked, guess, verdict, reason } = this.model.get("outcome");
    if (this.model.get("placed") || locked) this.say("");
    if (this.shown === JSON.stringify([locked, verdict])) return;
    if (this.shown === undefined) this.say("");
    const focused = this.box.contains(document.activeElement);
    const answered = this.shown !== undefined && locked;
    const cleared = this.shown !== undefined && !locked;
    this.shown = JSON.stringify([locked, verdict]);
    this.fieldset.disabled = Boolean(locked);
    this.inputs.classList.toggle("course-done", Boolean(locked));
    this.lock.hidden = Boolean(locked);
    this.verdict.hidden = this.again.hidden = !locked;
    this.radios?.forEach((radio, i) => { radio.checked = locked && i === guess; });
    if (this.field) this.field.value = locked ? guess : "";
    this.verdict.replaceChildren();
    if (locked) {
      html("strong", {}, this.verdict, verdict);
      html("p", {}, this.verdict, reason);
    }
    // the button that had the focus is gone
    if (focused && answered) this.verdict.focus();
    if (focused && cleared) (this.radios?.[0] ?? this.field ?? this.lock).focus();
  }
}
