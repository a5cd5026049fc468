import { activate, slope, tanh } from "./activations.mjs";

/** One layer's part of a network's flat arrays. Each layer's arrays are views of its own and its
 * loops functions of their own: compilers then keep every number unboxed and every index small.
 * For the same reason the common activations are written out. */
export class Layer {
  /** @param {number} code place in ACTIVATIONS @param {number} p inputs @param {number} q units
   * @param {number} kernel where its kernel (p, q) begins, with the bias (q) behind it, among
   *   the parameters @param {number} from where its inputs begin among the units
   * @param {number} to where its units begin
   * @param {{theta: Float64Array, gradient: Float64Array, a: Float64Array, z: Float64Array,
   *   d: Float64Array}} flat parameters, their gradient; outputs, pre-activations, dloss / dz */
  constructor(code, p, q, kernel, from, to, { theta, gradient, a, z, d }) {
    const bias = kernel + p * q;
    Object.assign(this, { code, p, q });
    this.W = theta.subarray(kernel, bias);
    this.b = theta.subarray(bias, bias + q);
    this.gradW = gradient.subarray(kernel, bias);
    this.gradB = gradient.subarray(bias, bias + q);
    this.input = a.subarray(from, from + p);
    this.sent = d.subarray(from, from + p); // what goes back to the layer before
    this.a = a.subarray(to, to + q);
    this.z = z.subarray(to, to + q);
    this.d = d.subarray(to, to + q);
  }
}

/** z = input W + b, a = activation(z). @param {Layer} layer */
export function forwardLayer({ code, p, q, W, b, input, a, z }) {
  for (let j = 0; j < q; j++) {
    let sum = b[j];
    for (let i = 0, k = j; i < p; i++, k += q) sum += input[i] * W[k];
    z[j] = sum;
    if (code === 0) a[j] = sum;
    else if (code === 2) a[j] = tanh(sum);
    else if (code === 3) a[j] = sum < 0 ? 0 : sum;
    else a[j] = activate(code, sum);
  }
}

/** gradient += (input, 1)^T d for one row. @param {Layer} layer */
export function collect({ p, q, gradW, gradB, input, d }) {
  for (let i = 0, k = 0; i < p; i++) {
    const x = input[i];
    for (let j = 0; j < q; j++, k++) gradW[k] += x * d[j];
  }
  for (let j = 0; j < q; j++) gradB[j] += d[j];
}

/** The same, and W d to the layer before: one walk through the kernel serves both.
 * @param {Layer} layer */
export function sendBack({ p, q, W, gradW, gradB, input, sent, d }) {
  for (let i = 0, k = 0; i < p; i++) {
    const x = input[i];
    let sum = 0;
    for (let j = 0; j < q; j++, k++) {
      const dj = d[j];
      gradW[k] += x * dj;
      sum += W[k] * dj;
    }
    sent[i] = sum;
  }
  for (let j = 0; j < q; j++) gradB[j] += d[j];
}

/** d *= activation'(z). @param {Layer} layer */
export function slopeLayer({ code, q, a, z, d }) {
  if (code === 2) {
    for (let j = 0; j < q; j++) d[j] *= 1 - a[j] * a[j];
  } else if (code === 3) {
    for (let j = 0; j < q; j++) if (!(z[j] > 0)) d[j] = 0;
  } else {
    for (let j = 0; j < q; j++) d[j] *= slope(code, z[j], a[j]);
  }
}
