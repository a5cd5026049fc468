// What the pages say about the paths of optimisers and about one neuron.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { neuron } from "../../interactive/src/el-neuron.mjs";
import { startState } from "../../interactive/src/state.mjs";
import { SURFACES, stabilityLimit, trajectory } from "../../interactive/src/surfaces.mjs";

const settings = JSON.parse(readFileSync(new URL("../../interactive/settings.json", import.meta.url)));
const walk = (surface, method, lr, steps = 100) => {
  const { path, heights, stopped } = trajectory(surface, { method, lr, steps });
  const points = Array.from(heights, (_, k) => [path[2 * k], path[2 * k + 1]]);
  return { points, heights, stopped, end: points.at(-1), loss: heights.at(-1) };
};
const outside = ([x, y]) => Math.max(Math.abs(x), Math.abs(y)) > 2;

test("settings: every surface has a start, the customary one, inside the picture", () => {
  for (const [name, { start, halfWidth }] of Object.entries(SURFACES)) {
    const { surface, x, y } = startState(settings.optimizer, name === "bowl" ? undefined : name);
    assert.deepEqual([surface, x, y], [name, ...start]);
    assert.equal(halfWidth, settings.optimizer.options.x.max);
    assert.equal(-halfWidth, settings.optimizer.options.y.min);
  }
  const { step, steps } = settings.optimizer.options;
  assert.deepEqual([step.max, step.default], [steps.max, steps.default]);
});

test("gradient descent on the bowl: closes below 0.2, jumps for ever at 0.2, leaves above", () => {
  assert.equal(stabilityLimit("bowl", "sgd"), 0.2);
  assert.ok(walk("bowl", "sgd", 0.19, 200).loss < 1e-9);
  const { points, heights } = walk("bowl", "sgd", 0.2, 200);
  points.forEach(([, y], k) => assert.ok(Math.abs(y - (k % 2 ? -0.9 : 0.9)) < 1e-12));
  assert.ok(Math.abs(heights[199] - heights[200]) < 1e-9);
  assert.ok(outside(walk("bowl", "sgd", 0.21, 200).end));
});

test("gradient descent on the saddle: seems settled near 0, then falls to -0.25", () => {
  const { heights } = walk("saddle", "sgd", 0.05, 200);
  assert.ok(Math.abs(heights[40]) < 0.02 && Math.abs(heights[80]) < 0.02);
  assert.ok(heights[150] < -0.2 && heights[150] > -0.24);
  assert.ok(Math.abs(heights[200] + 0.25) < 1e-3);
});

test("gradient descent on two minima: the first step at 0.15 leaps over the hill, 0.3 ends nowhere", () => {
  const [slow, fast] = [0.05, 0.15].map((lr) => walk("two-minima", "sgd", lr, 200));
  assert.ok(slow.end[0] > 0.9 && slow.points.every(([x]) => x > 0.5));
  assert.ok(fast.points[1][0] < 0 && fast.end[0] < -0.9 && fast.loss < slow.loss - 0.5);
  assert.match(walk("two-minima", "sgd", 0.3, 200).stopped, /out of all finite numbers/);
});

test("four rules on the bowl: first steps, and what a rate of 0.3 does", () => {
  const first = (method) => {
    const [[x0, y0], [x1, y1]] = walk("bowl", method, 0.05).points;
    return [x1 - x0, y1 - y0].map(Math.abs);
  };
  for (const length of first("adam")) assert.ok(Math.abs(length - 0.05) < 1e-6);
  const [flat, steep] = first("sgd");
  assert.ok(Math.abs(steep / flat - 5) < 1e-9);
  assert.ok(outside(walk("bowl", "sgd", 0.3).end));
  assert.ok(Math.abs(stabilityLimit("bowl", "momentum") - 0.38) < 1e-12);
  assert.ok(walk("bowl", "momentum", 0.3).loss < 1e-3);
  const hops = walk("bowl", "rmsprop", 0.3);
  assert.ok(hops.points.every((point) => !outside(point)));
  assert.ok(hops.points.slice(80).every(([, y], k, late) => k === 0 || Math.abs(y - late[k - 1][1]) > 0.1));
});

test("four rules on the saddle and on two minima", () => {
  const away = (method) => walk("saddle", method, 0.05).points.findIndex(([, y]) => y > 0.5);
  assert.equal(away("sgd"), -1);
  for (const [method, most] of [["rmsprop", 5], ["adam", 12], ["momentum", 40]]) {
    assert.ok(away(method) > 0 && away(method) <= most);
  }
  for (const method of ["sgd", "rmsprop", "adam"]) assert.ok(walk("two-minima", method, 0.05).end[0] > 0.9);
  const { end, points } = walk("two-minima", "momentum", 0.05);
  assert.ok(end[0] < -0.9 && points.some(([x]) => x > 0.9));
});

test("one neuron: its sum, the place of its bend, a switch, a silent ReLU", () => {
  const state = { ...startState(settings.neuron), inputs: 1 };
  const two = neuron({ ...state, inputs: 2, w1: 2, w2: -3, b: 0.5, x1: 1, x2: 2, act: "linear" });
  assert.deepEqual([two.z, two.a, two.rise], [-3.5, -3.5, 1]);
  assert.equal(neuron({ ...state, b: 2, x1: -2 }).z, 0); // weight 1, bias 2: the bend at -2
  assert.ok(Math.abs(neuron({ ...state, w1: 10, b: 2, x1: -0.2 }).z) < 1e-12);
  const sharp = neuron({ ...state, w1: 10, b: 2 });
  assert.equal(state.x1, 1);
  assert.ok(sharp.a > 0.99995 && sharp.rise < 1e-4);
  const silent = neuron({ ...state, act: "relu", w1: 10, b: 2, x1: -0.3 });
  assert.deepEqual([silent.a, silent.rise], [0, 0]);
  assert.equal(neuron({ ...state, x2: 5 }).z, neuron({ ...state, x2: -5 }).z);
});
