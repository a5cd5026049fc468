import { activate, slope, tanh } from "./activations.mjs";

// The loops of one layer for one row. They are functions of their own, on typed arrays, because
// compilers then keep every number unboxed; the common activations are written out for the same
// reason. All work on flat arrays: `from` and `to` say where the layers of p and q units begin.

/** z = a W + bias. */
export function weigh(theta, kernel, a, from, p, z, to, q) {
  const bias = kernel + p * q;
  for (let j = 0; j < q; j++) {
    let sum = theta[bias + j];
    for (let i = 0, k = kernel + j; i < p; i++, k += q) sum += a[from + i] * theta[k];
    z[to + j] = sum;
  }
}

/** a = activation(z) for units [begin, end). */
export function activateAll(code, z, a, begin, end) {
  if (code === 2) {
    for (let i = begin; i < end; i++) a[i] = tanh(z[i]);
  } else if (code === 3) {
    for (let i = begin; i < end; i++) a[i] = z[i] < 0 ? 0 : z[i];
  } else {
    for (let i = begin; i < end; i++) a[i] = activate(code, z[i]);
  }
}

/** d *= activation'(z) for units [begin, end). */
export function slopeAll(code, z, a, d, begin, end) {
  if (code === 2) {
    for (let i = begin; i < end; i++) d[i] *= 1 - a[i] * a[i];
  } else if (code === 3) {
    for (let i = begin; i < end; i++) if (!(z[i] > 0)) d[i] = 0;
  } else {
    for (let i = begin; i < end; i++) d[i] *= slope(code, z[i], a[i]);
  }
}

/** gradient += (a, 1)^T d for one row. */
export function collect(gradient, kernel, a, from, p, d, to, q) {
  const end = to + q;
  let k = kernel;
  for (let i = from; i < from + p; i++) {
    const input = a[i];
    for (let j = to; j < end; j++, k++) gradient[k] += input * d[j];
  }
  for (let j = to; j < end; j++, k++) gradient[k] += d[j];
}

/** The same, and d of the layer before = W d: one walk through the kernel serves both. */
export function sendBack(theta, gradient, kernel, a, d, from, p, to, q) {
  const end = to + q;
  let k = kernel;
  for (let i = from; i < from + p; i++) {
    const input = a[i];
    let sum = 0;
    for (let j = to; j < end; j++, k++) {
      const dj = d[j];
      gradient[k] += input * dj;
      sum += theta[k] * dj;
    }
    d[i] = sum;
  }
  for (let j = to; j < end; j++, k++) gradient[k] += d[j];
}
