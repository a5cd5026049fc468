import { Rng } from "./data.mjs";

/** Names of the perceptron's data sets: three tables of four points, and two seeded clouds. */
export const PERCEPTRON_SETS = ["and", "or", "xor", "blobs"];

/** Points with targets -1 and +1, as on the course's page.
 * @param {string} name one of PERCEPTRON_SETS @param {number} [seed] for the clouds
 * @returns {{X: number[][], y: number[]}} X (n, 2), y (n) */
export function perceptronData(name, seed = 0) {
  if (!PERCEPTRON_SETS.includes(name)) {
    throw new Error(`data must be one of ${PERCEPTRON_SETS.join(", ")}, got ${name}`);
  }
  if (name !== "blobs") {
    const X = [[0, 0], [0, 1], [1, 0], [1, 1]];
    const right = { and: (a, b) => a & b, or: (a, b) => a | b, xor: (a, b) => a ^ b }[name];
    return { X, y: X.map(([a, b]) => 2 * right(a, b) - 1) };
  }
  // Two clouds, drawn again until some line separates them: most seeds need one draw.
  const rng = new Rng(seed, 30);
  const draw = (centre) => Math.round(1e2 * (centre + 0.6 * rng.normal())) / 1e2;
  for (;;) {
    const y = Array.from({ length: 20 }, (_, i) => (i % 2 ? 1 : -1));
    const X = y.map((side) => [draw(side * 0.9 + 0.5), draw(side * 0.9)]);
    if (widestMargin({ X, y }) > 0.02) return { X, y };
  }
}

/** The widest margin of all planes through the origin, over the signed rows y * (x1, x2, 1).
 * It is the distance from the origin to the hull of these rows, and the nearest point of a hull
 * in space lies on a corner, an edge or a triangle. So the best plane is among those belonging
 * to one, two or three rows: try them all (exact, and quick up to some 60 rows), and nothing has
 * to be stored that could disagree with the points.
 * @param {{X: number[][], y: number[]}} data @returns {number} gamma; 0 if no plane separates */
export function widestMargin({ X, y }) {
  const rows = X.map(([a, b], i) => [y[i] * a, y[i] * b, y[i]]);
  const dot = (u, v) => u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
  const minus = (u, v) => [u[0] - v[0], u[1] - v[1], u[2] - v[2]];
  let best = 0;
  const consider = (v) => {
    const length = Math.sqrt(dot(v, v));
    if (!(length > 1e-9)) return; // the origin itself: this face gives no direction
    let margin = Infinity;
    for (const row of rows) {
      margin = Math.min(margin, dot(row, v) / length);
      if (margin <= best) return;
    }
    best = margin;
  };
  rows.forEach((p, i) => {
    consider(p);
    rows.slice(i + 1).forEach((q, j) => {
      const u = minus(q, p);
      const t = dot(p, u) / dot(u, u);
      consider(p.map((value, k) => value - t * u[k])); // nearest point of the line through p, q
      rows.slice(i + j + 2).forEach((r) => {
        const w = minus(r, p);
        const normal = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
        const height = dot(normal, p) / dot(normal, normal);
        consider(normal.map((value) => value * height)); // nearest point of the plane
      });
    });
  });
  return best > 1e-9 ? best : 0;
}

/** Novikoff's bound on the number of mistakes from a start at zero.
 * @param {{X: number[][], y: number[]}} data
 * @returns {{R: number, gamma: number, bound: number}} R: longest row (x1, x2, 1), gamma: widest
 *   margin; the bound (R / gamma)^2 is infinite if no line separates the classes */
export function mistakeBound({ X, y }) {
  const R = Math.max(...X.map(([a, b]) => Math.hypot(a, b, 1)));
  const gamma = widestMargin({ X, y });
  return { R, gamma, bound: gamma > 0 ? (R / gamma) ** 2 : Infinity };
}

/** One row looked at. theta is (w1, w2, b); the row was wrong if y * z <= 0.
 * @typedef {{pass: number, row: number, x: number[], y: number, z: number, wrong: boolean,
 *   before: number[], after: number[], mistakes: number}} PerceptronEvent */

/** Rosenblatt's rule from zero, row by row: on a mistake theta += lr * y * (x1, x2, 1).
 * @param {{X: number[][], y: number[]}} data
 * @param {{lr?: number, steps?: number}} [options] steps: rows to look at, at most
 * @returns {{events: PerceptronEvent[], mistakes: number, bound: number, converged: boolean,
 *   reason: string}} converged: the last pass went through without a mistake */
export function perceptronSteps(data, { lr = 1, steps = 400 } = {}) {
  const { X, y } = data;
  const { bound } = mistakeBound(data);
  const events = [];
  let theta = [0, 0, 0];
  let mistakes = 0;
  let clean = 0; // rows in a row without a mistake
  while (events.length < steps && !(clean >= X.length && events.length % X.length === 0)) {
    const row = events.length % X.length;
    const x = X[row];
    const z = theta[0] * x[0] + theta[1] * x[1] + theta[2];
    const wrong = y[row] * z <= 0;
    const before = theta;
    if (wrong) theta = [x[0], x[1], 1].map((value, k) => before[k] + lr * y[row] * value);
    mistakes += wrong ? 1 : 0;
    clean = wrong ? 0 : clean + 1;
    const pass = Math.floor(events.length / X.length) + 1;
    events.push({ pass, row, x, y: y[row], z, wrong, before, after: theta, mistakes });
  }
  const converged = clean >= X.length;
  let reason = `Stopped after ${steps} rows; a separating line exists, so more steps will find one.`;
  if (bound === Infinity) {
    reason = `No line separates these classes, so the rule never ends; shown are the first ${steps} rows.`;
  } else if (converged) {
    reason = `A whole pass without a mistake: every point is on its side, after ${mistakes} mistakes.`;
  }
  return { events, mistakes, bound, converged, reason };
}
