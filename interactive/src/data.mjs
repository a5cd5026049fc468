/** Names of the data sets of the playground. */
export const DATA_SETS = ["xor", "table", "moons", "circles", "spirals", "blobs"];

/** Random numbers: Chris Doty-Humphrey's sfc32 (PractRand), 32 bits at a time, period about 2^127.
 * A stream is a second seed: weights, rows, noise and dropout each have one, so that changing
 * one setting leaves the chance of all others as it was. */
export class Rng {
  /** @param {number} seed whole number @param {number} [stream] whole number */
  constructor(seed, stream = 0) {
    this.a = seed | 0;
    this.b = stream | 0;
    this.c = 0x9e3779b9 | 0;
    this.d = 1;
    for (let i = 0; i < 15; i++) this.uniform(); // until every seed bit has reached every bit
  }

  /** @returns {number} in the open interval (0, 1), so that its logarithm is finite */
  uniform() {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0;
    return ((t >>> 0) + 0.5) / 4294967296;
  }

  /** Standard normal number (Box and Muller, the cosine half).
   * @returns {number} */
  normal() {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** One noiseless point; row i belongs to class i % 2, so every block of rows is balanced.
 * @returns {number[]} [x1, x2] */
function cleanPoint(name, y, rng) {
  const u = rng.uniform();
  const v = rng.uniform();
  if (name === "xor") {
    // class 1 where the signs differ: the first coordinate takes its sign from the second
    const x2 = 2 * v - 1;
    return [x2 > 0 === (y === 1) ? -u : u, x2];
  }
  if (name === "moons") {
    // scikit-learn's half circles, moved so that the middle of the picture is 0
    const t = Math.PI * u;
    return y === 0 ? [Math.cos(t) - 0.5, Math.sin(t) - 0.25] : [0.5 - Math.cos(t), 0.25 - Math.sin(t)];
  }
  if (name === "circles") {
    const r = y === 0 ? 1 : 0.5;
    return [r * Math.cos(2 * Math.PI * u), r * Math.sin(2 * Math.PI * u)];
  }
  if (name === "spirals") {
    // the same arms as nnutils.make_spirals; the root spreads points evenly over the disc
    const along = Math.sqrt(u);
    const angle = 2 * Math.PI * 1.5 * along + Math.PI * y;
    return [2 * along * Math.cos(angle), 2 * along * Math.sin(angle)];
  }
  const centre = y === 0 ? -0.8 : 0.8;
  return [centre + 0.2 * rng.normal(), centre + 0.2 * rng.normal()];
}

/** Points of one data set. Coordinates are rounded to four decimals, so that the page, the core
 * and a copied script hold the very same numbers.
 * @param {string} name one of DATA_SETS
 * @param {{n: number, noise?: number, seed?: number, part?: number}} options n rows (the table
 *   always has its four); noise: standard deviation added to both coordinates, in their units;
 *   part: 0 for training rows, 1 for test rows, drawn independently
 * @returns {{X: Float64Array, y: Float64Array, n: number}} X (n, 2) by rows; y (n) of 0 and 1 */
export function makeData(name, { n, noise = 0, seed = 0, part = 0 }) {
  if (!DATA_SETS.includes(name)) {
    throw new Error(`data must be one of ${DATA_SETS.join(", ")}, got ${name}`);
  }
  const rows = name === "table" ? 4 : n;
  const points = new Rng(seed, 10 + part);
  const shifts = new Rng(seed, 20 + part); // of its own: a noise slider moves the same points
  const X = new Float64Array(2 * rows);
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let x = [i >> 1, i & 1];
    y[i] = x[0] ^ x[1];
    if (name !== "table") {
      y[i] = i % 2;
      x = cleanPoint(name, y[i], points).map((value) => value + noise * shifts.normal());
    }
    X[2 * i] = Math.round(1e4 * x[0]) / 1e4;
    X[2 * i + 1] = Math.round(1e4 * x[1]) / 1e4;
  }
  return { X, y, n: rows };
}

/** Training and test rows for the settings of the playground.
 * @param {{data: string, n: number, noise: number, draw: number}} settings
 * @returns {{train: ReturnType<typeof makeData>, test: ReturnType<typeof makeData>}} 200 test rows */
export function makeSplit({ data, n, noise, draw }) {
  return {
    train: makeData(data, { n, noise, seed: draw }),
    test: makeData(data, { n: 200, noise, seed: draw, part: 1 }),
  };
}
