// How fast the core of the in-page laboratories is, beside a network of objects, in one process.
// Run: node benchmarks/bench_interactive.mjs [rounds] [milliseconds]
// Single rounds are noisy where other programs run: both sides take turns, and the median of the
// per-round ratios counts. A step is one update of all weights. The target is a ratio of 2.0.
import { readFileSync } from "node:fs";
import { Network } from "../interactive/src/core.mjs";
import { makeData } from "../interactive/src/data.mjs";
import { startState } from "../interactive/src/state.mjs";
import { ReferenceNetwork } from "../tests/interactive/reference.mjs";

const [rounds, milliseconds] = [Number(process.argv[2] ?? 9), Number(process.argv[3] ?? 100)];
const { playground } = JSON.parse(readFileSync(new URL("../interactive/settings.json", import.meta.url)));
const data = makeData("circles", { n: 250, noise: 0.1 });

function speed(network) {
  const begin = performance.now();
  let steps = 0;
  while (performance.now() - begin < milliseconds) {
    for (let k = 0; k < 50; k++) network.step();
    steps += 50;
  }
  return (1000 * steps) / (performance.now() - begin);
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
console.log("net      act    batch  objects/s     core/s  ratio (lowest to highest)");
for (const [layers, act, batch] of [
  [[8, 8], "tanh", 1], [[8, 8], "tanh", 10], [[8, 8], "tanh", 32], [[8, 8], "relu", 10],
  [[4, 2], "tanh", 1], [[4, 2], "tanh", 10], [[4, 2], "tanh", 32],
]) {
  const settings = { ...startState(playground), layers, act, batch, lr: 0.03 };
  const core = new Network(settings, data);
  const objects = new ReferenceNetwork(settings, data, core.getWeights());
  speed(objects); // both warm
  speed(core);
  const pairs = Array.from({ length: rounds }, () => [speed(objects), speed(core)]);
  const ratios = pairs.map(([slow, fast]) => fast / slow);
  const columns = [
    ["2", ...layers, "1"].join("-").padEnd(8), act.padEnd(6), String(batch).padStart(5),
    median(pairs.map((p) => p[0])).toFixed(0).padStart(10), median(pairs.map((p) => p[1])).toFixed(0).padStart(10),
    median(ratios).toFixed(2).padStart(6), `(${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
  ];
  console.log(columns.join(" "));
}
