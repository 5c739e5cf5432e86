// The wire to the kernel: at most two messages under way, and of each control the newest wins.
class Wire {
  constructor(model, { onSilence, onEarly }) {
    Object.assign(this, { model, onSilence, onEarly });
    this.client = Math.random().toString(36).slice(2, 10);
    this.ahead = new Ahead(model, this.client);
    this.sent = 0;
    this.underway = [];
    this.waiting = new Map();
    this.next = []; // what may be posted next
    this.early = null; // a picture that is shown before the kernel has answered
    this.ack = () => this.acknowledge();
    model.on("change:echo", this.ack);
  }

  // what is shown: of the kernel, or early
  get(name) {
    return this.early && name in this.early.state ? this.early.state[name] : this.model.get(name);
  }

  // what may be posted by who has the focus: asked ahead if nothing is posted for a moment
  expect(next) {
    clearTimeout(this.calm);
    this.calm = setTimeout(() => {
      this.next = next;
      if (!this.underway.length) this.ahead.ask(next);
    }, 80);
  }

  // `next` are the messages that may come next, likely ones first
  post(key, message, next = []) {
    clearTimeout(this.calm);
    const state = this.ahead.take(message);
    this.next = next;
    this.waiting.delete(key); // to the end of the queue
    this.waiting.set(key, message);
    this.flush();
    // pictures are asked for at rest only: the message is sent, as the last one
    if (state) this.show({ state, seq: this.sent });
  }

  show(early) {
    this.early = early;
    this.onEarly();
  }

  flush() {
    while (this.underway.length < 2 && this.waiting.size) {
      const [key, message] = this.waiting.entries().next().value;
      this.waiting.delete(key);
      const seq = ++this.sent;
      this.underway.push({ seq, key });
      try {
        this.model.send({ ...message, client: this.client, seq });
      } catch {
        return this.silent();
      }
    }
    clearTimeout(this.timer);
    if (this.underway.length) this.timer = setTimeout(() => this.silent(), 6000);
  }

  acknowledge() {
    const [client, seq] = this.model.get("echo");
    if (client !== this.client) return;
    this.underway = this.underway.filter((item) => item.seq > seq);
    this.onSilence(false);
    if (this.early && this.early.seq <= seq) this.show(null);
    this.flush();
    if (!this.underway.length) this.ahead.ask(this.next);
  }

  silent() {
    this.onSilence(true);
  }

  busyWith(key) {
    return this.waiting.has(key) || this.underway.some((item) => item.key === key);
  }

  dispose() {
    clearTimeout(this.timer);
    clearTimeout(this.calm);
    this.ahead.dispose();
    this.model.off("change:echo", this.ack);
  }
}
