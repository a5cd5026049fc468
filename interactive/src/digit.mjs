import { activate, activationCode } from "./activations.mjs";

/** Bring a drawing into the form of MNIST's images: the box of the ink is scaled to fit into
 * 20 by 20 pixels with its proportions kept, and the centre of mass of the ink is put into the
 * middle of 28 by 28, as far as the box then stays inside. Each pixel is the mean of the ink
 * over the square it covers, so nothing is blurred twice.
 * @param {ArrayLike<number>} ink (height, width) by rows, 0 for paper to 1 for full ink
 * @param {number} width @param {number} height
 * @returns {Float64Array | null} 784 numbers from 0 to 1 by rows; null for a blank sheet */
export function toDigit(ink, width, height) {
  if (ink.length !== width * height) {
    throw new Error(`ink must hold width * height = ${width * height} numbers, got ${ink.length}`);
  }
  let [left, right, top, bottom, mass, sumX, sumY] = [width, 0, height, 0, 0, 0, 0];
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const value = ink[r * width + c];
      if (!(value > 0)) continue;
      left = Math.min(left, c);
      right = Math.max(right, c + 1);
      top = Math.min(top, r);
      bottom = Math.max(bottom, r + 1);
      mass += value;
      sumX += value * (c + 0.5);
      sumY += value * (r + 0.5);
    }
  }
  if (mass === 0) return null;
  const cell = Math.max(right - left, bottom - top) / 20; // side of one pixel, in those of the drawing
  const inside = (start, low, high) => Math.min(Math.max(start, high - 28 * cell), low);
  const x0 = inside(sumX / mass - 14 * cell, left, right);
  const y0 = inside(sumY / mass - 14 * cell, top, bottom);
  // The mean over a square is the mean over rows of the means over columns: two passes.
  const columns = averageAlong(ink, height, width, width, 1, x0, cell);
  return averageAlong(columns, 28, height, 1, 28, y0, cell, true);
}

/** Means over 28 neighbouring stretches of a line, for each of `lines` lines. Line i begins at
 * i * stride, its numbers are `jump` apart; transposed puts the result back into rows. */
function averageAlong(from, lines, length, stride, jump, start, cell, transposed = false) {
  const into = new Float64Array(28 * lines);
  for (let line = 0; line < lines; line++) {
    for (let k = 0; k < 28; k++) {
      const [a, b] = [start + k * cell, start + (k + 1) * cell];
      let sum = 0;
      for (let i = Math.max(0, Math.floor(a)); i < Math.min(length, b); i++) {
        const covered = Math.min(b, i + 1) - Math.max(a, i);
        sum += covered * from[line * stride + i * jump];
      }
      into[transposed ? k * lines + line : line * 28 + k] = sum / cell;
    }
  }
  return into;
}

/** A network with softmax output from shortened weights (written by interactive/shorten.py). */
export class DigitNetwork {
  /** @param {{act: string, layers: {shape: number[], scale: number, kernel: string,
   *   bias: number[]}[]}} shortened kernel: base64 of the low bytes of all numbers by rows,
   *   then of the high bytes, two's complement; a weight is number * scale */
  constructor({ act, layers }) {
    this.code = activationCode(act);
    this.layers = layers.map(({ shape: [p, q], scale, kernel, bias }) => {
      const bytes = atob(kernel);
      const size = p * q;
      if (bytes.length !== 2 * size || bias.length !== q) {
        const got = `${bytes.length} and ${bias.length}`;
        throw new Error(`shape (${p}, ${q}) must hold ${2 * size} bytes and ${q} biases, got ${got}`);
      }
      const weights = new Float64Array(size);
      for (let k = 0; k < size; k++) {
        const word = bytes.charCodeAt(k) | (bytes.charCodeAt(size + k) << 8);
        weights[k] = ((word << 16) >> 16) * scale; // the shifts bring back the sign
      }
      return { p, q, weights, bias };
    });
  }

  /** @param {ArrayLike<number>} image 784 numbers as toDigit gives them
   * @returns {{hidden: Float64Array, probabilities: Float64Array}} the last hidden layer's
   *   activations, and the class probabilities */
  forward(image) {
    let hidden = image;
    let out = image;
    this.layers.forEach(({ p, q, weights, bias }, l) => {
      hidden = out;
      out = Float64Array.from(bias);
      for (let i = 0; i < p; i++) for (let j = 0; j < q; j++) out[j] += hidden[i] * weights[i * q + j];
      if (l + 1 < this.layers.length) out = out.map((z) => activate(this.code, z));
    });
    const top = Math.max(...out);
    const powers = out.map((z) => Math.exp(z - top));
    const sum = powers.reduce((s, value) => s + value);
    return { hidden, probabilities: powers.map((value) => value / sum) };
  }
}
