import { activationCode, sigmoid, softplus } from "./activations.mjs";
import { Rng } from "./data.mjs";
import { Layer, collect, forwardLayer, sendBack, slopeLayer } from "./layers.mjs";
import { initialParameters, layoutOf, toWeights } from "./layout.mjs";
import { Optimizer } from "./optim.mjs";

/** Multilayer perceptron with one output, trained one sample after the other (sample-major:
 * single rows gain as much as large batches). layoutOf says how its flat arrays are ordered.
 * Rows are taken in the order in which they stand, in every epoch: they were drawn at random
 * already, and only so can Keras repeat the run (shuffle=False). */
export class Network {
  /** @param {{layers: number[], act: string, loss: string, init: string, opt: string, lr: number,
   *   batch: number, l1: number, l2: number, dropout: number, seed: number}} settings as in
   *   settings.json; lr, batch, l1, l2 and dropout may be changed on the network at any time
   * @param {{X: Float64Array, y: Float64Array, n: number}} data X (n, inputs) by rows, y (n)
   * @param {number} [inputs] columns of X */
  constructor(settings, data, inputs = 2) {
    const { lr, batch, l1, l2, dropout } = settings;
    Object.assign(this, { lr, batch, l1, l2, dropout, data });
    if (data.X.length !== data.n * inputs || data.y.length !== data.n) {
      const got = `${data.X.length} and ${data.y.length} for n = ${data.n}`;
      throw new Error(`X must hold n * ${inputs} numbers and y n, got ${got}`);
    }
    const code = activationCode(settings.act);
    this.bce = settings.loss !== "mse";
    this.sizes = [inputs, ...settings.layers, 1];
    const { units, kernels, size } = layoutOf(this.sizes);
    Object.assign(this, { units, kernels });
    const count = units[this.sizes.length];
    this.a = new Float64Array(count); // outputs of all units for the row last seen
    this.z = new Float64Array(count); // pre-activations
    this.d = new Float64Array(count); // dloss / dz
    this.keep = new Float64Array(count); // dropout: 0, or 1 / (1 - rate)
    this.theta = initialParameters(settings.init, this.sizes, settings.seed);
    this.start = this.theta.slice();
    this.finite = this.theta.slice(); // the parameters before this epoch
    this.gradient = new Float64Array(size);
    this.layers = kernels.map((at, l) => new Layer(
      l < kernels.length - 1 ? code : 0, this.sizes[l], this.sizes[l + 1], at, units[l], units[l + 1], this));
    this.optimizer = new Optimizer(settings.opt, size);
    this.dropping = false; // only while gradients are taken
    this.dropRng = new Rng(settings.seed, 2);
    /** Updates so far, whole epochs so far, next row, and why training stopped (null: it has not). */
    this.updates = 0;
    this.epochs = 0;
    this.cursor = 0;
    this.stopped = null;
  }

  /** @param {Float64Array} [flat] the parameters, or `start`, or `gradient`
   * @returns {(number[][] | number[])[]} in the order of Keras's get_weights */
  getWeights(flat = this.theta) {
    return toWeights(flat, this.sizes);
  }

  /** @param {(number[][] | number[])[]} weights as getWeights gives them */
  setWeights(weights) {
    const flat = weights.flat(2);
    if (flat.length !== this.theta.length) {
      throw new Error(`weights must hold ${this.theta.length} numbers, got ${flat.length}`);
    }
    this.theta.set(flat);
  }

  /** Output for one row, before the sigmoid; leaves all units in `a` and `z`.
   * @param {Float64Array} X rows of inputs @param {number} row @returns {number} */
  forward(X, row) {
    const { a, layers, units, keep, dropping } = this;
    const inputs = layers[0].p;
    const last = layers.length - 1;
    for (let i = 0; i < inputs; i++) a[i] = X[row * inputs + i];
    for (let l = 0; l <= last; l++) {
      forwardLayer(layers[l]);
      if (dropping && l < last) for (let i = units[l + 1]; i < units[l + 2]; i++) a[i] *= keep[i];
    }
    return layers[last].z[0];
  }

  /** Gradient of the mean loss of rows [begin, end) and of the penalty, into `gradient`.
   * @param {number} begin @param {number} end */
  backward(begin, end) {
    const { X, y } = this.data;
    const { a, d, theta, gradient, sizes, layers, units, keep, bce, dropout } = this;
    const last = layers.length - 1;
    const out = units[last + 1];
    const share = 1 / (end - begin);
    for (let k = 0; k < gradient.length; k++) gradient[k] = 0; // on few, faster than fill()
    this.dropping = dropout > 0;
    for (let row = begin; row < end; row++) {
      if (this.dropping) {
        const kept = 1 / (1 - dropout); // inverted: the mean of a unit's output stays
        for (let i = sizes[0]; i < out; i++) keep[i] = this.dropRng.uniform() < dropout ? 0 : kept;
      }
      const o = this.forward(X, row);
      const error = bce ? sigmoid(o) - y[row] : o - y[row];
      d[out] = (bce ? error : 2 * error) * share;
      for (let l = last; l > 0; l--) {
        sendBack(layers[l]);
        if (this.dropping) {
          for (let i = units[l]; i < units[l + 1]; i++) {
            d[i] *= keep[i];
            a[i] /= keep[i] || 1; // the slope wants the activation without the factor
          }
        }
        slopeLayer(layers[l - 1]);
      }
      collect(layers[0]);
    }
    this.dropping = false;
    if (this.l1 > 0 || this.l2 > 0) {
      this.eachKernel((k) => {
        gradient[k] += this.l1 * Math.sign(theta[k]) + 2 * this.l2 * theta[k];
      });
    }
  }

  eachKernel(visit) {
    this.kernels.forEach((at, l) => {
      for (let k = at; k < at + this.sizes[l] * this.sizes[l + 1]; k++) visit(k);
    });
  }

  /** l1 * sum|w| + l2 * sum(w^2) over the kernels; no penalty on biases. @returns {number} */
  penalty() {
    let sum = 0;
    this.eachKernel((k) => {
      sum += this.l1 * Math.abs(this.theta[k]) + this.l2 * this.theta[k] ** 2;
    });
    return sum;
  }

  /** Probabilities of class 1 (or outputs, for the squared error), without dropout.
   * @param {Float64Array} X (n, inputs) by rows @param {Float64Array} [into] (n)
   * @returns {Float64Array} (n) */
  predict(X, into = new Float64Array(X.length / this.sizes[0])) {
    for (let row = 0; row < into.length; row++) {
      const o = this.forward(X, row);
      into[row] = this.bce ? sigmoid(o) : o;
    }
    return into;
  }

  /** Data loss and accuracy, without dropout and without the penalty.
   * @param {{X: Float64Array, y: Float64Array, n: number}} [data]
   * @returns {{loss: number, accuracy: number}} */
  evaluate({ X, y, n } = this.data) {
    let loss = 0;
    let right = 0;
    for (let row = 0; row < n; row++) {
      const o = this.forward(X, row);
      loss += this.bce ? softplus(o) - y[row] * o : (o - y[row]) ** 2;
      right += o > (this.bce ? 0 : 0.5) === y[row] > 0.5 ? 1 : 0;
    }
    return { loss: loss / n, accuracy: right / n };
  }

  /** One update on the next batch. @returns {boolean} false if training has stopped */
  step() {
    if (this.stopped) return false;
    const end = Math.min(this.cursor + this.batch, this.data.n);
    const { theta } = this;
    if (this.cursor === 0) this.finite.set(theta);
    this.backward(this.cursor, end);
    const squares = this.optimizer.update(theta, this.gradient, this.lr);
    // Beyond 1e24 the squared output of five layers would no longer fit a number (NaN fails too).
    if (!(squares < 1e48)) {
      theta.set(this.finite); // the last whole epoch stays to be looked at
      const what = `The weights grew beyond all bounds at update ${this.updates + 1}`;
      this.stopped = `${what}: the training diverged. Try a smaller learning rate.`;
      return false;
    }
    this.updates += 1;
    this.cursor = end;
    if (end === this.data.n) {
      this.cursor = 0;
      this.epochs += 1;
    }
    return true;
  }

  /** Train to the end of n more epochs. @param {number} n @returns {boolean} false if stopped */
  train(n) {
    const goal = this.epochs + n;
    while (this.epochs < goal && this.step());
    return !this.stopped;
  }
}
