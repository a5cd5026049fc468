import assert from "node:assert/strict";
import { test } from "node:test";
import { DATA_SETS, Rng, makeData, makeSplit } from "../../interactive/src/data.mjs";

const points = ({ X, y, n }) => Array.from({ length: n }, (_, i) => [X[2 * i], X[2 * i + 1], y[i]]);
const plain = (name) => points(makeData(name, { n: 400, seed: 3 }));

test("sfc32 gives the sequence of its description", () => {
  // the definition, in whole numbers without tricks
  let [a, b, c, d] = [7n, 2n, 0x9e3779b9n, 1n];
  const M = (1n << 32n) - 1n;
  const next = () => {
    const t = (a + b + d) & M;
    d = (d + 1n) & M;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & M;
    c = (((c << 21n) | (c >> 11n)) + t) & M;
    return Number(t);
  };
  for (let k = 0; k < 15; k++) next();
  const rng = new Rng(7, 2);
  for (let k = 0; k < 100; k++) assert.equal(rng.uniform(), (next() + 0.5) / 2 ** 32);
});

test("uniform and normal numbers have the right means and spreads", () => {
  const rng = new Rng(1);
  const moments = (draw) => {
    const values = Array.from({ length: 20000 }, draw);
    const mean = values.reduce((s, v) => s + v) / values.length;
    return [mean, values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length];
  };
  const [mean, variance] = moments(() => rng.uniform());
  assert.ok(Math.abs(mean - 0.5) < 0.01 && Math.abs(variance - 1 / 12) < 0.003);
  const [middle, square] = moments(() => rng.normal());
  assert.ok(Math.abs(middle) < 0.03 && Math.abs(square - 1) < 0.05);
});

test("each clean set has the shape that its name says", () => {
  assert.deepEqual(points(makeData("table", { n: 99 })), [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]);
  for (const [a, b, y] of plain("xor")) {
    assert.equal(a * b < 0 ? 1 : 0, y);
    assert.ok(Math.max(Math.abs(a), Math.abs(b)) <= 1);
  }
  for (const [a, b, y] of plain("circles")) assert.ok(Math.abs(Math.hypot(a, b) - (y ? 0.5 : 1)) < 2e-4);
  for (const [a, b, y] of plain("moons")) {
    const radius = y ? Math.hypot(a - 0.5, b - 0.25) : Math.hypot(a + 0.5, b + 0.25);
    assert.ok(Math.abs(radius - 1) < 2e-4 && (y ? b <= 0.25 : b >= -0.25));
  }
  for (const [a, b, y] of plain("spirals")) {
    const r = Math.hypot(a, b);
    const angle = 1.5 * Math.PI * r + Math.PI * y;
    assert.ok(Math.hypot(a - r * Math.cos(angle), b - r * Math.sin(angle)) < 2e-3 && r <= 2);
  }
  for (const [a, b, y] of plain("blobs")) assert.equal(a + b > 0 ? 1 : 0, y);
  for (const name of ["moons", "circles"]) {
    const side = plain(name).filter(([a, , y]) => y === 1 && a > 0.5).length;
    assert.ok(name === "circles" ? side === 0 : side > 60, "points spread along the curve");
  }
});

test("rows are balanced, rounded to four decimals, and the same for the same seed only", () => {
  for (const name of DATA_SETS) {
    const one = makeData(name, { n: 100, noise: 0.2, seed: 5 });
    assert.equal(one.y.reduce((s, v) => s + v), one.n / 2);
    assert.ok(one.X.every((v) => Number(v.toFixed(4)) === v));
    assert.deepEqual(one, makeData(name, { n: 100, noise: 0.2, seed: 5 }));
    if (name !== "table") assert.notDeepEqual(one, makeData(name, { n: 100, noise: 0.2, seed: 6 }));
  }
});

test("noise moves the same points, by its standard deviation", () => {
  const clean = makeData("xor", { n: 500, seed: 1 }).X;
  const noisy = makeData("xor", { n: 500, seed: 1, noise: 0.2 }).X;
  const shifts = noisy.map((v, i) => v - clean[i]);
  const spread = Math.sqrt(shifts.reduce((s, v) => s + v * v, 0) / shifts.length);
  assert.ok(Math.abs(spread - 0.2) < 0.02);
});

test("training and test rows differ; fewer training rows leave the test rows alone", () => {
  const settings = { data: "moons", n: 30, noise: 0.1, draw: 4 };
  const few = makeSplit(settings);
  const many = makeSplit({ ...settings, n: 200 });
  assert.deepEqual([few.train.n, few.test.n, many.train.n], [30, 200, 200]);
  assert.deepEqual(few.test, many.test);
  assert.deepEqual(few.train.X, many.train.X.slice(0, 60));
  assert.notDeepEqual(many.train.X, many.test.X);
});
