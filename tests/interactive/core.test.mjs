import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ACTIVATIONS, activate, erf, slope, tanh } from "../../interactive/src/activations.mjs";
import { Network } from "../../interactive/src/core.mjs";
import { makeData, makeSplit } from "../../interactive/src/data.mjs";
import { INITS } from "../../interactive/src/layout.mjs";
import { OPTIMIZERS, Optimizer } from "../../interactive/src/optim.mjs";
import { startState } from "../../interactive/src/state.mjs";
import { ReferenceNetwork } from "./reference.mjs";

const read = (path) => JSON.parse(readFileSync(new URL(`../../interactive/${path}`, import.meta.url)));
const { playground } = read("settings.json");
const fixture = read("fixtures/training.json");
const base = startState(playground);

const distance = (a, b) => {
  const [x, y] = [[a].flat(9), [b].flat(9)];
  assert.equal(x.length, y.length);
  assert.ok(x.length > 0 && x.every(Number.isFinite));
  return Math.max(...x.map((value, i) => Math.abs(value - y[i])));
};
const near = (a, b, limit, what) => {
  const d = distance(a, b);
  assert.ok(d <= limit, `${what ?? "values"} differ by ${d}, more than ${limit}`);
};
const fixtureData = { X: Float64Array.from(fixture.X.flat()), y: Float64Array.from(fixture.y), n: fixture.y.length };
const build = (settings) => {
  const network = new Network({ ...base, layers: [4, 3], batch: fixture.batch, ...settings }, fixtureData);
  network.setWeights(fixture.initial);
  return network;
};

test("fixtures hold every activation, loss, penalty and both plain rules", () => {
  const all = fixture.cases.map((c) => c.settings);
  for (const act of ACTIVATIONS) assert.ok(all.some((s) => s.act === act));
  for (const loss of ["bce", "mse"]) assert.ok(all.some((s) => s.loss === loss));
  for (const key of ["l1", "l2"]) assert.ok(all.some((s) => s[key] > 0));
  for (const opt of ["sgd", "momentum"]) assert.ok(all.some((s) => s.opt === opt));
});

let worstGradient = 0;
let worstWeights = 0;
for (const { settings, loss, penalty, gradient, trained } of fixture.cases) {
  test(`agrees with Keras: ${JSON.stringify(settings)}`, () => {
    const network = build(settings);
    const first = { X: fixtureData.X.subarray(0, 2 * fixture.batch), y: fixtureData.y.subarray(0, fixture.batch), n: fixture.batch };
    near(network.evaluate(first).loss, loss, 1e-5, "loss");
    near(network.penalty(), penalty, 1e-5, "penalty");
    network.backward(0, fixture.batch);
    near(network.getWeights(network.gradient), gradient, 1e-5, "gradient");
    worstGradient = Math.max(worstGradient, distance(network.getWeights(network.gradient), gradient));
    for (let k = 0; k < fixture.steps; k++) assert.ok(network.step());
    near(network.getWeights(), trained, 1e-5, "weights after 100 steps");
    worstWeights = Math.max(worstWeights, distance(network.getWeights(), trained));
    assert.ok(distance(network.getWeights(), fixture.initial) > 0.05, "training moved nothing");
  });
}

test("largest difference from Keras", (t) => {
  t.diagnostic(`gradient ${worstGradient.toExponential(1)}, weights after 100 steps ${worstWeights.toExponential(1)}`);
  assert.ok(worstWeights > 0 && worstWeights <= 1e-5);
});

const { lr, start, gradients, ends } = read("fixtures/optimizers.json");
for (const name of OPTIMIZERS) {
  test(`${name} walks the recorded gradients as Keras does`, (t) => {
    const theta = Float64Array.from(start);
    const optimizer = new Optimizer(name, theta.length);
    for (const gradient of gradients) optimizer.update(theta, Float64Array.from(gradient), lr);
    t.diagnostic(`largest difference ${distance([...theta], ends[name]).toExponential(1)}`);
    near([...theta], ends[name], 1e-5);
  });
}

const bumpy = ACTIVATIONS.filter((name) => !["relu", "leaky_relu"].includes(name)); // no kinks
for (const act of bumpy) {
  for (const loss of ["bce", "mse"]) {
    test(`gradient of ${act}, ${loss} agrees with central differences`, () => {
      const network = build({ act, loss, l2: 0.01, l1: 0.002 });
      network.backward(0, fixtureData.n);
      const exact = network.gradient.slice();
      const total = () => network.evaluate().loss + network.penalty();
      const h = 1e-6;
      const measured = exact.map((_, k) => {
        const value = network.theta[k];
        network.theta[k] = value + h;
        const high = total();
        network.theta[k] = value - h;
        const low = total();
        network.theta[k] = value;
        return (high - low) / (2 * h);
      });
      near([...exact], [...measured], 1e-8);
    });
  }
}

test("activations: slopes, known values, no overflow", () => {
  ACTIVATIONS.forEach((name, code) => {
    for (let z = -6.05; z < 6.1; z += 0.1) {
      const measured = (activate(code, z + 1e-6) - activate(code, z - 1e-6)) / 2e-6;
      near(slope(code, z, activate(code, z)), measured, 1e-8, name);
    }
    for (const z of [-800, 800]) assert.ok(Number.isFinite(activate(code, z) + slope(code, z, activate(code, z))));
    assert.ok(Number.isNaN(activate(code, NaN)), `${name} hides NaN`);
  });
  near(erf(0.5), 0.5204998778130465, 1e-15);
  near(erf(-2.5), -0.9995930479825550, 1e-15);
  for (let z = -25; z < 25; z += 0.0037) near(tanh(z), Math.tanh(z), 4e-16);
});

for (const settings of [{ act: "tanh" }, { act: "relu", batch: 1 }, { act: "sigmoid", l1: 0.001, l2: 0.01 }, { act: "linear", batch: 75 }]) {
  test(`agrees with the network of objects: ${JSON.stringify(settings)}`, () => {
    const core = build({ lr: 0.1, ...settings });
    const reference = new ReferenceNetwork({ ...core, layers: [4, 3], act: settings.act }, fixtureData, core.getWeights());
    for (let k = 0; k < 300; k++) {
      core.step();
      reference.step();
    }
    near(core.getWeights(), reference.weights(), 1e-9);
  });
}

test("the same seed is the same run, bit for bit; another seed is not", () => {
  const run = (change) => {
    const settings = { ...base, layers: [5, 3], dropout: 0.3, noise: 0.1, opt: "adam", lr: 0.01, ...change };
    const network = new Network(settings, makeSplit(settings).train);
    network.train(20);
    return [...network.theta];
  };
  assert.deepEqual(run({}), run({}));
  assert.notDeepEqual(run({}), run({ seed: 2 }));
  assert.notDeepEqual(run({}), run({ draw: 2 }));
  const whole = build({});
  const steps = build({});
  whole.train(3);
  for (let k = 0; k < 15; k++) steps.step();
  assert.deepEqual([...whole.theta], [...steps.theta]);
  assert.equal(steps.epochs, 3);
  assert.equal(steps.cursor, 0);
});

test("dropout: off when predicting; the gradient is that of the thinned network", () => {
  const network = build({ dropout: 0.5, act: "sigmoid" });
  const before = [...network.predict(fixtureData.X)];
  // one row, so that its mask is still there to be looked at; again until both layers are mixed
  const mixed = (units) => new Set(units).size === 2 && units.every((value) => value === 0 || value === 2);
  do network.backward(0, 1);
  while (!mixed(network.keep.slice(2, 6)) || !mixed(network.keep.slice(6, 9)));
  const keep = network.keep.slice(2, 9);
  assert.deepEqual([...network.predict(fixtureData.X)], before);
  // a thinned network by hand: units that are kept count twice, as if the kernels behind them did
  const thinned = build({ act: "sigmoid" });
  const weights = network.getWeights();
  weights[2] = weights[2].map((row, i) => row.map((w) => w * keep[i]));
  weights[4] = weights[4].map((row, i) => row.map((w) => w * keep[4 + i]));
  thinned.setWeights(weights);
  thinned.backward(0, 1);
  const [g, t] = [network, thinned].map((n) => n.getWeights(n.gradient));
  near(g[0], t[0], 1e-12);
  near(g[1], t[1], 1e-12);
  near(g[2], t[2].map((row, i) => row.map((w) => w * keep[i])), 1e-12);
  near(g[4], t[4].map((row, i) => row.map((w) => w * keep[4 + i])), 1e-12);
});

test("dropout keeps the mean: each unit is dropped at its rate", () => {
  const network = build({ dropout: 0.25 });
  let kept = 0;
  for (let k = 0; k < 400; k++) {
    network.backward(0, 1);
    kept += network.keep.slice(2, 9).filter((value) => value > 0).length;
  }
  assert.ok(Math.abs(kept / 2800 - 0.75) < 0.03);
  assert.ok(network.keep.slice(2, 9).every((value) => value === 0 || Math.abs(value - 4 / 3) < 1e-15));
});

test("divergence stops with a reason and leaves finite numbers", () => {
  const settings = startState(playground, "rate-too-large");
  for (let seed = 1; seed <= 9; seed++) {
    const { train, test: unseen } = makeSplit(settings);
    const network = new Network({ ...settings, seed }, train);
    assert.equal(network.train(300), false);
    assert.match(network.stopped, /diverged.*smaller learning rate/);
    assert.ok(network.theta.every(Number.isFinite));
    assert.ok(Number.isFinite(network.evaluate().loss) && Number.isFinite(network.evaluate(unseen).loss));
    const updates = network.updates;
    assert.equal(network.step(), false);
    assert.equal(network.updates, updates);
  }
});

test("a weight that is not a number stops the run at once", () => {
  const network = build({});
  network.theta[3] = NaN;
  assert.equal(network.step(), false);
  assert.ok(network.stopped);
});

test("initialisations have their ranges, and biases start at zero", () => {
  const limits = { glorot: Math.sqrt(6 / 18), he: Math.sqrt(6 / 2), zeros: 0, large: 6 * Math.sqrt(6 / 18) };
  for (const init of INITS) {
    const network = new Network({ ...base, layers: [16, 16], init }, fixtureData);
    const [kernel, bias] = network.getWeights();
    const widest = Math.max(...kernel.flat().map(Math.abs));
    assert.ok(widest <= limits[init] && widest >= 0.8 * limits[init], init);
    assert.ok(bias.every((value) => value === 0));
    const other = new Network({ ...base, layers: [16, 16], init, seed: 99 }, fixtureData).getWeights()[0];
    assert.equal(distance(kernel, other) === 0, init === "zeros", "another seed, other weights");
  }
});

test("weights come and go in the order of Keras; wrong settings are refused", () => {
  const network = build({});
  assert.deepEqual(network.getWeights().map((w) => [w.length, w[0].length ?? 0]), [[2, 4], [4, 0], [4, 3], [3, 0], [3, 1], [1, 0]]);
  assert.deepEqual(network.getWeights(), fixture.initial);
  assert.throws(() => network.setWeights([[1]]), /must hold 31 numbers, got 1/);
  assert.throws(() => build({ act: "cosine" }), /activation must be one of linear.*got cosine/);
  assert.throws(() => build({ opt: "newton" }), /optimizer must be one of/);
  assert.throws(() => build({ init: "luck" }), /init must be one of/);
  assert.throws(() => new Network(base, { X: new Float64Array(3), y: new Float64Array(2), n: 2 }), /X must hold/);
  assert.throws(() => makeData("swiss", { n: 3 }), /data must be one of/);
});

test("rate and penalty may change while training", () => {
  const [changed, plain] = [build({}), build({})];
  changed.train(1);
  plain.train(1);
  changed.l2 = 0.5;
  changed.lr = 0.1;
  changed.train(20);
  plain.train(20);
  const widest = (network) => Math.max(...network.getWeights()[0].flat().map(Math.abs));
  assert.ok(widest(changed) < 0.3 && widest(plain) > 0.5);
});
