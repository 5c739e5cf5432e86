// One step ahead: when the learner took a step and the kernel rests, it is asked what one more and
// one back would show. A step that comes is then drawn at once, from what the kernel has computed;
// the kernel hears of it all the same, and its answer is what stays.
class Ahead {
  constructor(model, client) {
    Object.assign(this, { model, client, round: 0, pictures: new Map() });
    this.keep = ({ ahead, client: asker, state }, buffers) => {
      if (asker === this.client) this.pictures.set(ahead, { ...state, buffer: buffers[0] });
    };
    model.on("msg:custom", this.keep);
  }

  // a picture is of a message at these values, and of no use once another message was sent
  key(message) {
    return JSON.stringify([this.round, this.model.get("values"), message]);
  }

  ask(messages) {
    this.pictures.clear();
    for (const message of messages)
      this.model.send({ type: "ahead", message, key: this.key(message), client: this.client });
  }

  take(message) {
    const picture = this.pictures.get(this.key(message));
    this.round += 1;
    return picture;
  }

  dispose() {
    this.model.off("msg:custom", this.keep);
  }
}
