// What the pages say around the laboratories that are gone through step by step.
import assert from "node:assert/strict";
import { test } from "node:test";
import { graphSteps } from "../../interactive/src/graph.mjs";
import { mistakeBound, perceptronData, perceptronSteps } from "../../interactive/src/perceptron.mjs";

const near = (a, b, limit = 5e-5) => assert.ok(Math.abs(a - b) <= limit, `${a} is not ${b}`);

test("the unit: the numbers of the printed walk", () => {
  const { values, gradients } = graphSteps("neuron");
  near(values.z, 0.5);
  near(values.a, 0.6225);
  near(values.L, 0.3875);
  near(values.a * (1 - values.a), 0.235);
  near(gradients.a, 1.245, 5e-4);
  for (const node of ["z", "p1", "p2", "b", "w1"]) near(gradients[node], 0.2926);
  near(gradients.w2, -0.5851);
});

test("the unit with b = 8: the loss is nearly 1, all gradients of the weights fall below a five-hundredth", () => {
  const [before, after] = [graphSteps("neuron"), graphSteps("neuron", { b: 8 })];
  near(before.values.L, 0.39, 5e-3);
  assert.ok(after.values.L > 0.999 && after.values.a > 0.999);
  for (const leaf of ["w1", "w2", "b"]) {
    assert.ok(Math.abs(after.gradients[leaf]) < Math.abs(before.gradients[leaf]) / 500, leaf);
  }
  const slope = ({ events }) => events.find(({ from, to }) => from === "a" && to === "z").local;
  near(slope(before), 0.235, 5e-4);
  near(slope(after), 1e-4, 5e-5);
});

test("two layers: x gets its parts in steps 26 and 31", () => {
  const { events, gradients } = graphSteps("two-layer");
  const parts = events.map((event, i) => ({ ...event, step: i + 1 })).filter(({ to }) => to === "x");
  assert.deepEqual(parts.map(({ from, step }) => [from, step]), [["p2", 26], ["p1", 31]]);
  near(parts[0].product, 2.419, 5e-4);
  near(parts[1].product, -1.814, 5e-4);
  near(gradients.x, 0.6047);
});

test("softmax: probabilities and gradients as printed; p minus target arrives in the last three steps", () => {
  const { events, values, gradients } = graphSteps("softmax-ce");
  [0.5741, 0.3482, 0.0777].forEach((p, i) => near(values[`p${i + 1}`], p));
  [0.5741, -0.6518, 0.0777].forEach((g, i) => near(gradients[`z${i + 1}`], g));
  assert.deepEqual(events.slice(-3).map(({ to }) => to).sort(), ["z1", "z2", "z3"]);
  for (const leaves of [{ z1: -3, z2: 4, z3: 0 }, { z1: 7, z2: -7, z3: 2 }]) {
    const other = graphSteps("softmax-ce", leaves);
    ["z1", "z2", "z3"].forEach((z, i) => near(other.gradients[z], other.values[`p${i + 1}`] - (i === 1), 1e-12));
  }
});

test("perceptron: OR 9 of 27, AND 18 of 51, at every rate offered; the first pass over AND", () => {
  for (const [name, mistakes, bound, gamma] of [["or", 9, 27, 0.3333], ["and", 18, 51, 0.2425]]) {
    for (const lr of [0.25, 0.5, 1, 2, 4]) {
      const run = perceptronSteps(perceptronData(name), { lr });
      assert.deepEqual([run.mistakes, run.converged], [mistakes, true]);
    }
    const limit = mistakeBound(perceptronData(name));
    near(limit.bound, bound, 1e-9);
    near(limit.gamma, gamma);
  }
  const pass = perceptronSteps(perceptronData("and")).events.slice(0, 4);
  assert.deepEqual(pass.map(({ wrong }) => wrong), [true, false, false, true]);
  assert.deepEqual([pass[0].after, pass[3].z, pass[3].after], [[0, 0, -1], -1, [1, 1, 0]]);
});

test("perceptron: XOR mistakes every sample, and every fourth brings the weights back to zero", () => {
  const { events, converged, reason } = perceptronSteps(perceptronData("xor"));
  assert.ok(!converged && /never ends/.test(reason));
  assert.ok(events.every(({ wrong }) => wrong));
  events.forEach(({ after }, i) => assert.equal(after.every((value) => value === 0), i % 4 === 3));
});
