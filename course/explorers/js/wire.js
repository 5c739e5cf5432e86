// The wire to the kernel: at most two messages under way, and of each control the newest wins.
class Wire {
  constructor(model, onSilence) {
    this.model = model;
    this.client = Math.random().toString(36).slice(2, 10);
    this.sent = 0;
    this.underway = [];
    this.waiting = new Map();
    this.onSilence = onSilence;
    this.ack = () => this.acknowledge();
    model.on("change:echo", this.ack);
  }

  post(key, message) {
    this.waiting.delete(key); // to the end of the queue
    this.waiting.set(key, message);
    this.flush();
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
    this.flush();
  }

  silent() {
    this.onSilence(true);
  }

  busyWith(key) {
    return this.waiting.has(key) || this.underway.some((item) => item.key === key);
  }

  dispose() {
    clearTimeout(this.timer);
    this.model.off("change:echo", this.ack);
  }
}
