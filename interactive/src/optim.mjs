/** Names of the update rules. */
export const OPTIMIZERS = ["sgd", "momentum", "rmsprop", "adam"];

/** Keras's defaults: momentum 0.9 (ours, the customary value), rho, the two betas, epsilon. */
export const RULES = { momentum: 0.9, rho: 0.9, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** One update rule with its memory, in Keras's formulas. */
export class Optimizer {
  /** @param {string} name one of OPTIMIZERS @param {number} size number of parameters */
  constructor(name, size) {
    if (!OPTIMIZERS.includes(name)) {
      throw new Error(`optimizer must be one of ${OPTIMIZERS.join(", ")}, got ${name}`);
    }
    this.name = name;
    this.steps = 0;
    this.mean = new Float64Array(size); // velocity of momentum, running mean of Adam
    this.square = new Float64Array(size); // running mean of squared gradients
  }

  /** One update in place.
   * @param {Float64Array} theta parameters @param {Float64Array} gradient same size
   * @param {number} lr learning rate, per step
   * @returns {number} the sum of the squared new parameters: one walk through them serves both */
  update(theta, gradient, lr) {
    const { mean, square, name } = this;
    const size = theta.length;
    let squares = 0;
    this.steps += 1;
    if (name === "sgd") {
      for (let i = 0; i < size; i++) {
        const w = theta[i] - lr * gradient[i];
        theta[i] = w;
        squares += w * w;
      }
      return squares;
    }
    const { momentum, rho, beta1, beta2, epsilon } = RULES;
    const correction = Math.sqrt(1 - beta2 ** this.steps) / (1 - beta1 ** this.steps);
    for (let i = 0; i < size; i++) {
      const g = gradient[i];
      if (name === "momentum") {
        mean[i] = momentum * mean[i] - lr * g;
        theta[i] += mean[i];
      } else if (name === "rmsprop") {
        square[i] = rho * square[i] + (1 - rho) * g * g;
        theta[i] -= (lr * g) / Math.sqrt(square[i] + epsilon); // epsilon inside the root
      } else {
        mean[i] += (1 - beta1) * (g - mean[i]);
        square[i] += (1 - beta2) * (g * g - square[i]);
        theta[i] -= (lr * correction * mean[i]) / (Math.sqrt(square[i]) + epsilon); // outside
      }
      squares += theta[i] * theta[i];
    }
    return squares;
  }
}
