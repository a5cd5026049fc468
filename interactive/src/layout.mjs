import { Rng } from "./data.mjs";

/** Names of the initialisations: Keras's glorot_uniform and he_uniform, all zeros, and
 * kernels six times as large as Glorot's. Biases start at 0 in all of them. */
export const INITS = ["glorot", "he", "zeros", "large"];

/** Where the parts of a network lie in its flat arrays. Parameters stand in the order of Keras:
 * kernel (inputs, units) by rows, bias (units), layer after layer.
 * @param {number[]} sizes widths of all layers, inputs and output included
 * @returns {{units: number[], kernels: number[], size: number}} units: where each layer begins
 *   among all units (one more at the end); kernels: where each kernel begins among the parameters */
export function layoutOf(sizes) {
  const units = [0];
  const kernels = [];
  let size = 0;
  sizes.forEach((width, l) => {
    units.push(units[l] + width);
    if (l === 0) return;
    kernels.push(size);
    size += (sizes[l - 1] + 1) * width;
  });
  return { units, kernels, size };
}

/** Initial parameters. @param {string} init one of INITS
 * @param {number[]} sizes widths of all layers @param {number} seed @returns {Float64Array} */
export function initialParameters(init, sizes, seed) {
  if (!INITS.includes(init)) throw new Error(`init must be one of ${INITS.join(", ")}, got ${init}`);
  const { kernels, size } = layoutOf(sizes);
  const theta = new Float64Array(size);
  const rng = new Rng(seed, 1);
  kernels.forEach((at, l) => {
    const [p, q] = [sizes[l], sizes[l + 1]];
    const glorot = Math.sqrt(6 / (p + q));
    const limit = { glorot, he: Math.sqrt(6 / p), zeros: 0, large: 6 * glorot }[init];
    for (let k = at; k < at + p * q; k++) theta[k] = limit * (2 * rng.uniform() - 1);
  });
  return theta;
}

/** Cut a flat array of parameters into Keras's get_weights.
 * @param {Float64Array} flat @param {number[]} sizes widths of all layers
 * @returns {(number[][] | number[])[]} kernel (p, q), bias (q), kernel, ... */
export function toWeights(flat, sizes) {
  return layoutOf(sizes).kernels.flatMap((at, l) => {
    const [p, q] = [sizes[l], sizes[l + 1]];
    const rows = Array.from({ length: p + 1 }, (_, i) => [...flat.subarray(at + i * q, at + (i + 1) * q)]);
    return [rows.slice(0, p), rows[p]];
  });
}
