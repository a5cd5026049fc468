import { initialParameters, toWeights } from "./layout.mjs";
import { makeSplit } from "./data.mjs";
import { RULES } from "./optim.mjs";

// nine digits name a 32-bit number exactly, and Keras holds no more
const number = (value) => String(Number(value.toPrecision(9)));
const list = (values) => `[${values.map((v) => (Array.isArray(v) ? list(v) : number(v))).join(", ")}]`;

/** Copy as Keras: a script that builds the network of the playground with the same initial
 * weights and rows, and trains it with the same batches in the same order.
 * @param {object} settings of the playground @param {number} epochs to train
 * @returns {string} Python */
export function kerasScript(settings, epochs) {
  const { act, layers, loss, opt, lr, l1, l2, dropout, batch, init, seed } = settings;
  const { train } = makeSplit(settings);
  const sizes = [2, ...layers, 1];
  const weights = toWeights(initialParameters(init, sizes, seed), sizes);
  const rows = Array.from({ length: train.n }, (_, i) => [train.X[2 * i], train.X[2 * i + 1]]);
  const { momentum, rho, beta1, beta2, epsilon } = RULES;
  const optimizer = {
    sgd: `SGD(${lr})`,
    momentum: `SGD(${lr}, momentum=${momentum})`,
    rmsprop: `RMSprop(${lr}, rho=${rho}, epsilon=${epsilon})`,
    adam: `Adam(${lr}, beta_1=${beta1}, beta_2=${beta2}, epsilon=${epsilon})`,
  }[opt];
  const penalised = l1 > 0 || l2 > 0;
  const penalty = penalised ? ", kernel_regularizer=penalty" : "";
  const mse = loss === "mse";
  const hidden = layers.flatMap((units) => [
    `    keras.layers.Dense(${units}, activation="${act}"${penalty}),`,
    ...(dropout > 0 ? [`    keras.layers.Dropout(${dropout}),  # drawn anew: this part will differ`] : []),
  ]);
  return [
    "import keras",
    "import numpy as np",
    "",
    `X = np.array(${list(rows)})`,
    `y = np.array(${list([...train.y])})`,
    "weights = [",
    ...weights.map((w) => `    np.array(${list(w)}),`),
    "]",
    ...(penalised ? [`penalty = keras.regularizers.L1L2(l1=${l1}, l2=${l2})`] : []),
    "model = keras.Sequential([",
    "    keras.Input((2,)),",
    ...hidden,
    `    keras.layers.Dense(1${penalty}),${mse ? "" : "  # the sigmoid is in the loss"}`,
    "])",
    "model.set_weights(weights)",
    "model.compile(",
    `    keras.optimizers.${optimizer},`,
    mse ? '    "mean_squared_error",' : "    keras.losses.BinaryCrossentropy(from_logits=True),",
    `    metrics=[keras.metrics.BinaryAccuracy(threshold=${mse ? 0.5 : 0})],`,
    ")",
    "# The rows were drawn in random order; unshuffled, every batch is that of the page.",
    `model.fit(X, y, batch_size=${Math.min(batch, train.n)}, epochs=${epochs}, shuffle=False, verbose=0)`,
    "print(dict(zip(model.metrics_names, model.evaluate(X, y, verbose=0))))",
    "",
  ].join("\n");
}
