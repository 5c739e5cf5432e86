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
    this.note = html("span", { class: "course-note" }, set);
    this.verdict = html("div", { class: "course-verdict", role: "status" }, this.box);
    this.box.addEventListener("submit", (event) => {
      event.preventDefault();
      const guess = this.guess();
      if (guess === null) this.note.textContent = this.missing;
      else wire.post("answer", { type: "answer", guess });
    });
    this.fieldset = set;
  }

  choice() {
    this.missing = "Choose one first.";
    const name = `course-${this.wire.client}`;
    this.radios = this.spec.options.map((option, i) => {
      const label = html("label", {}, this.inputs);
      const radio = html("input", { type: "radio", name, value: i, ...QUIET }, label);
      label.append(option);
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
      "Click the picture, or move the marker with the arrow keys.");
    this.guess = () => (this.model.get("placed") ? "place" : null);
  }

  show() {
    const { locked, guess, verdict, reason } = this.model.get("outcome");
    this.fieldset.disabled = Boolean(locked);
    this.lock.hidden = Boolean(locked);
    this.verdict.hidden = !locked;
    if (!locked) return;
    this.note.textContent = "";
    if (this.radios && guess !== null) this.radios[guess].checked = true;
    if (this.field && guess !== null) this.field.value = guess;
    this.verdict.replaceChildren();
    html("strong", {}, this.verdict, verdict);
    html("p", {}, this.verdict, reason);
  }
}
