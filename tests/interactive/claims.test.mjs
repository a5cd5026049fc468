// What the guided experiments say, over nine starts: medians and extremes as bands.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Network } from "../../interactive/src/core.mjs";
import { makeSplit } from "../../interactive/src/data.mjs";
import { startState } from "../../interactive/src/state.mjs";

const { playground } = JSON.parse(readFileSync(new URL("../../interactive/settings.json", import.meta.url)));

function runs(preset, epochs, change = {}) {
  const results = Array.from({ length: 9 }, (_, k) => {
    const settings = { ...startState(playground, preset), ...change, seed: k + 1 };
    const { train, test: unseen } = makeSplit(settings);
    const network = new Network(settings, train);
    network.train(epochs);
    const [seen, other] = [network.evaluate(), network.evaluate(unseen)];
    return { train: seen.accuracy, test: other.accuracy, trainLoss: seen.loss, testLoss: other.loss, network };
  });
  const sorted = (key) => results.map((r) => r[key]).sort((a, b) => a - b);
  const summary = (key) => ({ min: sorted(key)[0], median: sorted(key)[4], max: sorted(key)[8] });
  return { train: summary("train"), test: summary("test"), trainLoss: summary("trainLoss"), testLoss: summary("testLoss"), results };
}

test("XOR: none and one hidden unit cannot, two never quite, four do on every start", () => {
  assert.ok(runs("xor-0", 300).train.max < 0.7);
  const none = runs("xor-0", 300);
  assert.ok(Math.abs(none.train.median - 0.5) < 0.07 && none.train.max - none.train.min < 0.02);
  assert.ok(none.trainLoss.min > 0.68); // the map stays nearly white
  assert.ok(runs("xor-1", 300).train.max < 0.75);
  const two = runs("xor-2", 300).train;
  assert.ok(two.max < 0.93 && two.median > runs("xor-1", 300).train.max);
  const four = runs("xor-4", 300);
  assert.ok(four.train.min >= 0.93 && four.test.min >= 0.9 && four.test.median >= 0.95);
});

test("XOR's four points: two hidden units can, though not from every start", () => {
  const two = runs("xor-2", 2000, { data: "table" });
  assert.ok(two.train.median === 1 && two.train.min === 0.5);
  assert.equal(runs("xor-4", 2000, { data: "table" }).train.min, 1);
  assert.ok(runs("xor-0", 2000, { data: "table" }).train.max <= 0.75);
});

test("circles: two lines cannot close a region, three can; without a bend nothing helps", () => {
  assert.ok(runs("circles-2", 600).train.max < 0.9);
  const three = runs("circles-3", 600);
  assert.ok(three.train.median > 0.97 && three.test.median > 0.93);
  for (const change of [{}, { layers: [8, 8] }]) {
    const { train } = runs("circles-linear", 300, change);
    assert.ok(train.min > 0.45 && train.max < 0.55);
  }
});

test("moons with 30 points: the training loss vanishes while the test loss grows; three cures", () => {
  const overfit = runs("moons-overfit", 1000);
  const early = runs("moons-early", 60);
  assert.ok(overfit.train.min === 1 && overfit.trainLoss.max < 0.02 && overfit.testLoss.min > 0.6);
  assert.ok(early.testLoss.max < 0.5);
  assert.ok(overfit.test.min >= early.test.min); // the accuracy does not show it
  assert.ok(runs("moons-l2", 1000).testLoss.max < 0.45);
  const dropout = runs("moons-dropout", 1000).testLoss;
  assert.ok(dropout.median > early.testLoss.max); // it helps least
  assert.ok(dropout.median < overfit.testLoss.median - 0.05 && dropout.max < overfit.testLoss.median);
});

test("spirals: two layers of eight learn them on every start", () => {
  const none = runs("spirals-8-8", 1500, { layers: [] }).train;
  assert.ok(none.min > 0.6 && none.max < 0.7);
  const { train, test: unseen } = runs("spirals-8-8", 1500);
  assert.ok(train.min >= 0.97 && unseen.median > 0.95, JSON.stringify([train, unseen]));
});

test("a learning rate thirty times too large diverges on every start, and stops", () => {
  const { results } = runs("rate-too-large", 50);
  assert.ok(results.every(({ network }) => network.epochs < 5));
  assert.ok(results.every(({ network }) => /diverged/.test(network.stopped)));
  const tamed = runs("rate-too-large", 300, { lr: 0.1 });
  assert.ok(tamed.results.every(({ network }) => network.stopped === null) && tamed.train.min > 0.9);
});

test("zeros: the hidden units never differ, and nothing is learnt", () => {
  const { train, results } = runs("zeros", 300);
  assert.ok(train.max <= 0.55);
  for (const { network } of results) {
    const [kernel] = network.getWeights();
    assert.ok(kernel.flat().every((w) => w === 0));
  }
});

test("a rate a hundred times too small crawls; batches decide how many updates an epoch has", () => {
  const slow = runs("xor-4", 300, { lr: 0.003 });
  assert.ok(slow.train.max < 0.9 && slow.results.every(({ network }) => network.stopped === null));
  const [small, whole] = [16, 500].map((batch) => runs("xor-4", 50, { batch }));
  assert.ok(small.results.every(({ network }) => network.updates === 650));
  assert.ok(whole.results.every(({ network }) => network.updates === 50));
  assert.ok(small.train.min >= 0.9 && whole.train.median < 0.66);
});

test("each preset stops at the epoch that the page speaks of", () => {
  const stops = Object.fromEntries(Object.keys(playground.presets).map((name) => [name, startState(playground, name).epochs]));
  const { "moons-early": early, "spirals-8-8": spirals, ...others } = stops;
  assert.deepEqual([early, spirals], [60, 1500]);
  for (const [name, epochs] of Object.entries(others)) {
    assert.equal(epochs, /^moons/.test(name) ? 1000 : /^circles-[23]/.test(name) ? 600 : 300, name);
  }
});
