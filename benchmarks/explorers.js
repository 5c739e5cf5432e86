// Measures one view inside the page. All kinds of view are asked the same questions: what is shown
// now, move by one step, and tell when something else has been painted.
(() => {
  const frame = () => new Promise(requestAnimationFrame);
  // a task after a frame's callback runs when that frame has been painted
  const painted = async () => {
    await frame();
    await new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      port2.postMessage(0);
    });
  };
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  const ours = (root, slider) => {
    const input = root.querySelector(`.course-control[id$="-${slider}"] input[type="range"]`);
    return {
      shown: () => root.dataset.shown,
      ready: async () => {},
      move(steps) {
        input.value = Number(input.value) + steps * Number(input.step);
        input.dispatchEvent(new Event("input", { bubbles: true }));
      },
    };
  };

  const interact = (root) => {
    const handle = root.querySelector(".noUi-handle");
    const image = () => root.querySelector(".jp-OutputArea img");
    return {
      shown: () => image()?.src ?? null,
      ready: () => image().decode(),
      move(direction) {
        const key = direction > 0 ? "ArrowRight" : "ArrowLeft";
        handle.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      },
    };
  };

  // our handle by arrow keys
  const handle = (root) => ({
    shown: () => root.dataset.shown,
    ready: async () => {},
    move(direction) {
      const key = direction > 0 ? "ArrowRight" : "ArrowLeft";
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      root.querySelector(".course-hit").dispatchEvent(event);
    },
  });

  // several places of the pointer may mean the same values: an answer of the kernel is a picture
  const answers = (root) => root.dataset.echo;

  // our handle under the pointer, which is down on it already
  const pulled = (root) => ({
    shown: () => answers(root),
    ready: async () => {},
    move(direction) {
      const hit = root.querySelector(".course-dragging .course-hit");
      const { x, y, width, height } = hit.getBoundingClientRect();
      moveTo(hit, x + width / 2 + 7 * direction, y + height / 2 + 7 * direction);
    },
  });

  function moveTo(hit, clientX, clientY) {
    hit.dispatchEvent(new PointerEvent("pointermove", {
      bubbles: true, pointerId: 1, pointerType: "mouse", clientX, clientY,
    }));
  }

  const VIEWS = { ours, interact, handle, pulled };

  // milliseconds from a move to its picture on the screen, several times: onward by so many steps
  // at once, and back again
  async function latency(kind, root, slider, times, steps = 1) {
    const view = VIEWS[kind](root, slider);
    const found = [];
    for (let i = 0; i < times; i++) {
      await pause(100);
      const before = view.shown();
      const start = performance.now();
      const changed = new Promise((done, fail) => {
        const watch = new MutationObserver(() => {
          const now = view.shown();
          if (now === before || now === null) return;
          watch.disconnect();
          done();
        });
        watch.observe(root, { subtree: true, childList: true, attributes: true });
        setTimeout(() => fail(new Error(`${kind}: no picture in 20 s`)), 20000);
      });
      view.move(i < times / 2 ? steps : -steps);
      await changed;
      await view.ready();
      await painted();
      found.push(performance.now() - start);
    }
    return found;
  }

  // pictures a second while `act` is called at each frame of the browser
  async function rate(view, seconds, act) {
    let last = view.shown();
    let count = 0;
    let frames = 0;
    const start = performance.now();
    while (performance.now() - start < seconds * 1000) {
      act(frames);
      await frame();
      frames += 1;
      const now = view.shown();
      if (now !== last && now !== null) {
        last = now;
        count += 1;
      }
    }
    const took = (performance.now() - start) / 1000;
    return { shown: count / took, frames: frames / took };
  }

  function sliding(kind, root, slider, seconds) {
    const view = VIEWS[kind](root, slider);
    return rate(view, seconds, (i) => view.move(i % 40 < 20 ? 1 : -1));
  }

  // the pointer is down on the handle already; it circles there at the browser's frame rate
  function dragging(root, x, y, seconds) {
    const hit = root.querySelector(".course-dragging .course-hit");
    return rate({ shown: () => answers(root) }, seconds, (i) => {
      const angle = i / 12;
      moveTo(hit, x + 40 * Math.cos(angle), y + 40 * Math.sin(angle));
    });
  }

  // pictures a second while it plays, and of an idle browser just before; null without steps
  async function playing(root) {
    const play = root.querySelector('.course-transport button[aria-label="Play"]');
    if (!play || play.offsetParent === null) return null;
    const idle = await rate({ shown: () => 0 }, 1, () => {});
    let changes = 0;
    const watch = new MutationObserver(() => { changes += 1; });
    watch.observe(root.querySelector("svg"), { subtree: true, childList: true, attributes: true });
    play.click();
    await frame();
    const button = root.querySelector('.course-transport button[aria-label="Pause"]');
    const result = await rate({ shown: () => changes }, 1.4, () => {});
    watch.disconnect();
    button.click();
    return { shown: result.shown, frames: idle.frames };
  }

  window.measure = { latency, sliding, dragging, playing };
})();
