import { Network } from "./core.mjs";
import { makeSplit } from "./data.mjs";
import { kerasScript } from "./keras.mjs";
import { PlaygroundView } from "./playground-view.mjs";
import { copyText, define, show } from "./ui.mjs";

const AT_ONCE = ["lr", "batch", "l1", "l2", "dropout", "epochs", "controls"]; // no new start needed
const KEPT = 400; // at most so many epochs are remembered, evenly spread

/** A small network that learns two classes of points in the plane: what its buttons do. */
class Playground extends PlaygroundView {
  /** Settings have changed: some apply to the running network, the others need a new one. */
  update(keys) {
    if (!keys.length || !keys.every((key) => AT_ONCE.includes(key))) {
      this.reset();
      return;
    }
    const { lr, batch, l1, l2, dropout } = this.settings;
    Object.assign(this.net, { lr, batch, l1, l2, dropout });
    this.mixed = this.net.updates > 0 && keys[0] !== "epochs";
    this.draw();
    this.say(`${this.element.options[keys[0]].label}: used from the next update on.`);
  }

  /** The same weights and points, before the first update. */
  reset() {
    this.stop();
    const { train, test } = makeSplit(this.settings);
    this.test = test;
    this.net = new Network(this.settings, train);
    this.log = [];
    this.every = 1;
    this.mixed = false;
    const table = this.settings.data === "table";
    const reach = Math.ceil(10.5 * Math.max(...[...train.X, ...test.X].map(Math.abs))) / 10;
    this.range = table ? [-0.5, 1.5] : [-reach, reach];
    this.makeTables();
    this.record();
    this.forward();
    this.say(`Ready: a ${this.net.sizes.join("-")} network with ${this.net.theta.length} weights and biases.`);
  }

  newWeights() {
    this.set("seed", String((this.settings.seed + 1) % 1e6));
  }

  begin() {
    if (!this.mayTrain()) return;
    this.shown = null;
    this.trainButton.textContent = "Pause";
    this.say("Training …");
    this.run();
  }

  mayTrain() {
    const { net, settings } = this;
    if (net.stopped) this.say(net.stopped);
    else if (net.epochs < settings.epochs) return true;
    else this.say(`Stopped at epoch ${net.epochs}, as set. ${this.summary()}`);
    return false;
  }

  /** Train to the end of the epoch. @returns {boolean} false if training has to stop */
  epoch() {
    if (this.net.stopped || this.net.epochs >= this.settings.epochs) return false;
    this.net.train(1);
    this.record();
    return true;
  }

  /** Train n epochs at once, without pictures between. @param {number} n */
  train(n) {
    this.stop();
    while (n-- > 0 && this.epoch());
    this.pause();
  }

  step() {
    this.stop();
    if (!this.mayTrain()) return;
    this.net.step();
    if (this.net.cursor === 0) this.record();
    this.pause(`Update ${this.net.updates} done.`);
  }

  work(calm) {
    const end = performance.now() + (calm ? 100 : 6);
    let n = calm ? 20 : Number(this.speed.value);
    let going = true;
    while (going && n-- > 0 && performance.now() < end) going = this.epoch();
    this.frames = (this.frames ?? 0) + 1;
    this.draw();
    if (performance.now() - this.spoken > 5000) {
      this.say(`Epoch ${this.net.epochs}, training loss ${show(this.measure().train.loss)}.`);
    }
    this.dispatchEvent(new CustomEvent("nn:step"));
    return going;
  }

  pause(what = `Paused at epoch ${this.net.epochs}.`) {
    this.trainButton.textContent = "Train";
    this.forward();
    if (this.mayTrain()) this.say(`${what} ${this.summary()}`);
    this.dispatchEvent(new CustomEvent("nn:stop"));
  }

  /** Show the newest state. */
  forward() {
    this.shown = null;
    this.draw();
    this.describe();
  }

  measure() {
    const { net } = this;
    return {
      epoch: net.epochs + net.cursor / net.data.n,
      theta: net.theta.slice(),
      train: net.evaluate(),
      test: net.evaluate(this.test),
      penalty: net.penalty(),
    };
  }

  record() {
    if (this.net.epochs % this.every) return;
    this.log.push(this.measure());
    if (this.log.length <= KEPT) return;
    this.every *= 2;
    this.log = this.log.filter(({ epoch }) => epoch % this.every === 0);
  }

  scrub() {
    this.stop();
    this.shown = this.points[Number(this.scrubber.value)];
    if (this.shown === this.now) this.shown = null;
    this.draw();
    this.describe();
  }

  copyKeras() {
    const epochs = this.net.epochs || this.settings.epochs;
    const mixed = " Settings were changed on the way; the script uses the present ones from the start.";
    const what = `a Keras script that trains this network for ${epochs} epochs.${this.mixed ? mixed : ""}`;
    this.copy(kerasScript(this.settings, epochs), what);
  }

  async copy(text, what) {
    const copied = await copyText(text, this.live);
    this.say(copied ? `Copied: ${what}` : "Press Ctrl+C (⌘C) to copy the selected text at the end of this box.");
  }

  /** The present state, for tests and other scripts. */
  get state() {
    const { net, running = false } = this;
    const { epochs, updates, stopped } = net;
    const { train, test, penalty } = this.measure();
    const weights = net.getWeights();
    return { settings: { ...this.settings }, epochs, updates, stopped, running, train, test, penalty, weights };
  }
}

define("nn-playground", Playground);
