// The step-throughs: scalar graphs, the perceptron, paths over surfaces.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../interactive/src/data.mjs";
import { GRAPHS, graphSteps } from "../../interactive/src/graph.mjs";
import { OPTIMIZERS } from "../../interactive/src/optim.mjs";
import { mistakeBound, perceptronData, perceptronSteps, widestMargin } from "../../interactive/src/perceptron.mjs";
import { SURFACES, stabilityLimit, trajectory } from "../../interactive/src/surfaces.mjs";

const close = (a, b, limit = 1e-8) => assert.ok(Math.abs(a - b) <= limit, `${a} and ${b} differ by more than ${limit}`);

for (const name of Object.keys(GRAPHS)) {
  test(`graph ${name}: gradients agree with central differences, steps with each other`, () => {
    const { events, values, gradients } = graphSteps(name);
    const loss = GRAPHS[name].nodes.at(-1)[0];
    for (const [leaf, value] of Object.entries(GRAPHS[name].leaves)) {
      const h = 1e-5;
      const [high, low] = [h, -h].map((step) => graphSteps(name, { [leaf]: value + step }).values[loss]);
      close(gradients[leaf], (high - low) / (2 * h));
    }
    // every number of a backward step follows from the steps before it
    const sofar = { [loss]: 1 };
    const edges = events.filter((event) => event.kind === "backward");
    for (const { from, to, incoming, local, product, total } of edges) {
      assert.equal(incoming, sofar[from]);
      assert.equal(product, incoming * local);
      sofar[to] = (sofar[to] ?? 0) + product;
      assert.equal(total, sofar[to]);
    }
    const used = edges.map(({ from, to }) => `${from}>${to}`);
    assert.equal(new Set(used).size, used.length);
    // a node's gradient is whole before it is passed on
    for (const [i, { from }] of edges.entries()) assert.ok(edges.slice(i).every(({ to }) => to !== from));
    const forward = events.filter((event) => event.kind === "forward");
    assert.deepEqual(forward.map((event) => event.node), GRAPHS[name].nodes.map(([id]) => id));
    for (const { node, value } of forward) assert.equal(value, values[node]);
    assert.equal(events[forward.length].kind, "seed");
  });
}

test("softmax and cross-entropy give p minus y; known values of the neuron", () => {
  const { values, gradients } = graphSteps("softmax-ce");
  close(values.p1 + values.p2 + values.p3, 1, 1e-15);
  ["z1", "z2", "z3"].forEach((z, i) => close(gradients[z], values[`p${i + 1}`] - (i === 1 ? 1 : 0), 1e-15));
  const neuron = graphSteps("neuron", { y: 1 });
  close(neuron.values.z, 0.5, 0);
  close(neuron.values.L, (1 / (1 + Math.exp(-0.5)) - 1) ** 2, 1e-15);
  assert.throws(() => graphSteps("brain"), /graph must be one of neuron.*got brain/);
  assert.throws(() => graphSteps("neuron", { w9: 1 }), /has no leaf w9/);
});

test("perceptron: and, or and the clouds end within the bound; xor says that it never ends", () => {
  for (const name of ["and", "or", "blobs"]) {
    const { events, mistakes, bound, converged, reason } = perceptronSteps(perceptronData(name), { steps: 5000 });
    assert.ok(converged && mistakes > 0 && mistakes <= bound && Number.isFinite(bound), name);
    assert.match(reason, /Every|every point/);
    assert.ok(events.slice(-4).every((event) => !event.wrong));
  }
  const xor = perceptronSteps(perceptronData("xor"), { steps: 1000 });
  assert.equal(xor.events.length, 1000);
  assert.ok(!xor.converged && xor.bound === Infinity);
  assert.match(xor.reason, /No line separates.*never ends/);
  const short = perceptronSteps(perceptronData("and"), { steps: 2 });
  assert.match(short.reason, /more steps will find one/);
});

test("perceptron: every step follows the rule", () => {
  for (const { x, y, z, wrong, before, after } of perceptronSteps(perceptronData("and"), { lr: 0.5 }).events) {
    assert.equal(z, before[0] * x[0] + before[1] * x[1] + before[2]);
    assert.equal(wrong, y * z <= 0);
    assert.deepEqual(after, wrong ? [before[0] + 0.5 * y * x[0], before[1] + 0.5 * y * x[1], before[2] + 0.5 * y] : before);
  }
  const counts = [1, 0.1, 4].map((lr) => perceptronSteps(perceptronData("blobs"), { lr, steps: 5000 }).mistakes);
  assert.equal(counts[0], counts[2]); // from zero, the rate only scales the weights
});

test("the bound holds on 300 random separable sets, and the margin is the widest", () => {
  const rng = new Rng(11);
  let separable = 0;
  for (let k = 0; separable < 300; k++) {
    const n = 3 + (k % 12);
    const plane = [rng.normal(), rng.normal(), 0.5 * rng.normal()];
    const X = Array.from({ length: n }, () => [rng.normal(), rng.normal()]);
    const y = X.map(([a, b]) => (plane[0] * a + plane[1] * b + plane[2] > 0 ? 1 : -1));
    const smallest = (v) => Math.min(...X.map(([a, b], i) => (y[i] * (v[0] * a + v[1] * b + v[2])) / Math.hypot(...v)));
    const { gamma, bound } = mistakeBound({ X, y });
    assert.ok(gamma >= smallest(plane) - 1e-12);
    for (let trial = 0; trial < 40; trial++) {
      assert.ok(gamma >= smallest([rng.normal(), rng.normal(), rng.normal()]) - 1e-12);
    }
    if (bound > 3000) continue; // such sets only take long
    const { mistakes, converged } = perceptronSteps({ X, y }, { steps: 3000 * n + n });
    assert.ok(converged && mistakes <= bound, `${mistakes} mistakes, bound ${bound}`);
    separable += 1;
  }
});

test("margins known by hand, and none where no line separates", () => {
  close(widestMargin({ X: [[1, 0], [-1, 0]], y: [1, -1] }), 1, 1e-12); // rows (1,0,1), (1,0,-1)
  close(widestMargin({ X: [[3, 4]], y: [1] }), Math.sqrt(26), 1e-12);
  assert.equal(widestMargin(perceptronData("xor")), 0);
  assert.equal(widestMargin({ X: [[1, 1], [1, 1]], y: [1, -1] }), 0);
  // AND: the nearest point of the hull is computed on paper as (2, 2, -3) / 17 with length 1/sqrt(17)
  close(widestMargin(perceptronData("and")), 1 / Math.sqrt(17), 1e-12);
  for (let seed = 0; seed < 20; seed++) assert.ok(widestMargin(perceptronData("blobs", seed)) > 0.02);
  assert.throws(() => perceptronData("nand"), /data must be one of/);
});

for (const [name, { value, gradient, start }] of Object.entries(SURFACES)) {
  test(`surface ${name}: gradients, and ways downhill`, () => {
    const rng = new Rng(5);
    for (let k = 0; k < 50; k++) {
      const [x, y, h] = [2 * rng.normal(), 2 * rng.normal(), 1e-5];
      const [gx, gy] = gradient(x, y);
      close(gx, (value(x + h, y) - value(x - h, y)) / (2 * h), 1e-5);
      close(gy, (value(x, y + h) - value(x, y - h)) / (2 * h), 1e-5);
    }
    for (const method of OPTIMIZERS) {
      const { path, heights, stopped } = trajectory(name, { method, lr: 0.01, steps: 300 });
      assert.deepEqual([path.length, heights.length, stopped], [602, 301, null]);
      assert.deepEqual([...path.slice(0, 2)], start);
      assert.ok(heights[300] < heights[0], method);
    }
  });
}

test("the bowl is stable up to the limit and not beyond; a flight stops with a reason", () => {
  for (const method of ["sgd", "momentum"]) {
    const limit = stabilityLimit("bowl", method);
    const end = (share) => trajectory("bowl", { method, lr: share * limit, steps: 3000 });
    assert.ok(end(0.99).heights[3000] < 1e-6);
    const beyond = end(1.02);
    assert.ok(beyond.stopped !== null || beyond.heights.at(-1) > 1e3);
  }
  assert.deepEqual([stabilityLimit("bowl", "sgd"), stabilityLimit("valley", "sgd"), stabilityLimit("bowl", "adam")], [0.2, null, null]);
  const flight = trajectory("valley", { method: "sgd", lr: 1, steps: 300 });
  assert.match(flight.stopped, /smaller learning rate/);
  assert.ok(flight.path.every(Number.isFinite) && flight.heights.every(Number.isFinite));
  assert.equal(flight.path.length, 2 * flight.heights.length);
  assert.throws(() => trajectory("hill", { method: "sgd", lr: 1, steps: 1 }), /surface must be one of/);
});

test("the saddle is left at last, and the two minima are a matter of the start", () => {
  const last = (name, options) => trajectory(name, { method: "sgd", lr: 0.05, steps: 300, ...options }).path.slice(-2);
  close(last("saddle", {})[1], 1, 1e-3);
  close(last("saddle", { start: [-1.5, 0] })[1], 0, 0);
  assert.ok(last("two-minima", {})[0] > 0.9 && last("two-minima", { start: [-1.7, 1] })[0] < -0.9);
});
