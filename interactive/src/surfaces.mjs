import { Optimizer, RULES } from "./optim.mjs";

/** Loss surfaces over two parameters: height, gradient, customary start, half width of the
 * picture, and for a bowl its curvatures. */
export const SURFACES = {
  // curvatures 1 and 10: what is a good rate for one direction is nearly too large for the other
  bowl: {
    value: (x, y) => (x * x + 10 * y * y) / 2,
    gradient: (x, y) => [x, 10 * y],
    start: [-1.8, 0.9], halfWidth: 2, curvatures: [1, 10],
  },
  // a bent valley after Rosenbrock with a gentler wall (5 instead of 100); minimum at (1, 1)
  valley: {
    value: (x, y) => (1 - x) ** 2 + 5 * (y - x * x) ** 2,
    gradient: (x, y) => [-2 * (1 - x) - 20 * x * (y - x * x), 10 * (y - x * x)],
    start: [-1.2, 1.6], halfWidth: 2,
  },
  // slopes down on both sides of the ridge y = 0 into minima at (0, -1) and (0, 1)
  saddle: {
    value: (x, y) => (x * x - y * y) / 2 + y ** 4 / 4,
    gradient: (x, y) => [x, y ** 3 - y],
    start: [-1.5, 0.001], halfWidth: 2,
  },
  // the right minimum is a local one; the deeper lies on the left, behind a hill
  "two-minima": {
    value: (x, y) => (x * x - 1) ** 2 + 0.3 * x + y * y / 2,
    gradient: (x, y) => [4 * x * (x * x - 1) + 0.3, y],
    start: [1.7, 1], halfWidth: 2,
  },
};

function surfaceOf(name) {
  if (Object.hasOwn(SURFACES, name)) return SURFACES[name];
  throw new Error(`surface must be one of ${Object.keys(SURFACES).join(", ")}, got ${name}`);
}

/** The way of one update rule over a surface.
 * @param {string} name one of SURFACES
 * @param {{method: string, lr: number, steps: number, start?: number[]}} options method: one of
 *   OPTIMIZERS
 * @returns {{path: Float64Array, heights: Float64Array, stopped: string | null}} path: x, y of
 *   the start and after each step; stopped: why it ended early, at the last finite point */
export function trajectory(name, { method, lr, steps, start }) {
  const surface = surfaceOf(name);
  const theta = Float64Array.from(start ?? surface.start);
  const optimizer = new Optimizer(method, 2);
  const path = new Float64Array(2 * (steps + 1));
  const heights = new Float64Array(steps + 1);
  for (let k = 0; ; k++) {
    const height = surface.value(theta[0], theta[1]);
    if (!Number.isFinite(height)) {
      const stopped = `Step ${k} leads out of all finite numbers: try a smaller learning rate.`;
      return { path: path.slice(0, 2 * k), heights: heights.slice(0, k), stopped };
    }
    path.set(theta, 2 * k);
    heights[k] = height;
    if (k === steps) return { path, heights, stopped: null };
    optimizer.update(theta, Float64Array.from(surface.gradient(theta[0], theta[1])), lr);
  }
}

/** The learning rate from which plain steps, or steps with momentum, no longer settle in a
 * quadratic bowl: 2 / curvature, and (1 + momentum) times that.
 * @param {string} name one of SURFACES @param {string} method one of OPTIMIZERS
 * @returns {number | null} null where there is no such limit (other surfaces, adaptive rules) */
export function stabilityLimit(name, method) {
  const { curvatures } = surfaceOf(name);
  if (!curvatures || !["sgd", "momentum"].includes(method)) return null;
  const plain = 2 / Math.max(...curvatures);
  return method === "sgd" ? plain : plain * (1 + RULES.momentum);
}
