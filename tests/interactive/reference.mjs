// A straightforward network of objects: every unit and every connection is one, as a textbook
// draws them. The tests compare the core with it, and the benchmark its speed. Same conventions:
// mean loss over the batch, penalties on kernels only, rows in the order in which they stand.

const FUNCTIONS = {
  linear: { value: (z) => z, slope: () => 1 },
  sigmoid: { value: (z) => 1 / (1 + Math.exp(-z)), slope: (z, a) => a * (1 - a) },
  tanh: { value: Math.tanh, slope: (z, a) => 1 - a * a },
  relu: { value: (z) => Math.max(0, z), slope: (z) => (z > 0 ? 1 : 0) },
};

class Link {
  constructor(from, to, weight) {
    this.from = from;
    this.to = to;
    this.weight = weight;
    this.gradient = 0;
  }
}

class Unit {
  constructor(activation) {
    this.activation = activation;
    this.bias = 0;
    this.biasGradient = 0;
    this.inputs = [];
    this.outputs = [];
    this.z = 0;
    this.output = 0;
    this.delta = 0; // dloss / dz
  }

  forward() {
    this.z = this.bias;
    for (const link of this.inputs) this.z += link.weight * link.from.output;
    this.output = this.activation.value(this.z);
  }

  backward() {
    let sum = 0;
    for (const link of this.outputs) sum += link.weight * link.to.delta;
    this.delta = sum * this.activation.slope(this.z, this.output);
  }

  collect() {
    this.biasGradient += this.delta;
    for (const link of this.inputs) link.gradient += this.delta * link.from.output;
  }
}

export class ReferenceNetwork {
  constructor({ layers, act, lr, batch, l1, l2 }, data, weights) {
    Object.assign(this, { lr, batch, l1, l2, data, cursor: 0 });
    const widths = [2, ...layers, 1];
    this.layers = widths.map((width, l) => {
      const linear = l === 0 || l === widths.length - 1;
      return Array.from({ length: width }, () => new Unit(FUNCTIONS[linear ? "linear" : act]));
    });
    for (let l = 1; l < widths.length; l++) {
      const [kernel, bias] = weights.slice(2 * (l - 1), 2 * l);
      this.layers[l].forEach((to, j) => {
        to.bias = bias[j];
        this.layers[l - 1].forEach((from, i) => {
          const link = new Link(from, to, kernel[i][j]);
          from.outputs.push(link);
          to.inputs.push(link);
        });
      });
    }
  }

  step() {
    const { X, y, n } = this.data;
    const end = Math.min(this.cursor + this.batch, n);
    const rows = end - this.cursor;
    const inner = this.layers.slice(1);
    const output = inner.at(-1)[0];
    for (let row = this.cursor; row < end; row++) {
      this.layers[0].forEach((unit, i) => {
        unit.output = X[2 * row + i];
      });
      for (const layer of inner) for (const unit of layer) unit.forward();
      output.delta = 1 / (1 + Math.exp(-output.output)) - y[row];
      for (let l = inner.length - 2; l >= 0; l--) for (const unit of inner[l]) unit.backward();
      for (const layer of inner) for (const unit of layer) unit.collect();
    }
    for (const layer of inner) {
      for (const unit of layer) {
        unit.bias -= (this.lr * unit.biasGradient) / rows;
        unit.biasGradient = 0;
        for (const link of unit.inputs) {
          const penalty = this.l1 * Math.sign(link.weight) + 2 * this.l2 * link.weight;
          link.weight -= this.lr * (link.gradient / rows + penalty);
          link.gradient = 0;
        }
      }
    }
    this.cursor = end === n ? 0 : end;
  }

  weights() {
    return this.layers.slice(1).flatMap((layer, l) => [
      this.layers[l].map((from, i) => layer.map((unit) => unit.inputs[i].weight)),
      layer.map((unit) => unit.bias),
    ]);
  }
}
