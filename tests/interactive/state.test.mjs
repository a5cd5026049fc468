import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ACTIVATIONS } from "../../interactive/src/activations.mjs";
import { DATA_SETS, Rng } from "../../interactive/src/data.mjs";
import { GRAPHS } from "../../interactive/src/graph.mjs";
import { INITS } from "../../interactive/src/layout.mjs";
import { OPTIMIZERS } from "../../interactive/src/optim.mjs";
import { PERCEPTRON_SETS } from "../../interactive/src/perceptron.mjs";
import { formatValue, parseValue, readHash, readState, startState, writeHash, writeState } from "../../interactive/src/state.mjs";
import { SURFACES } from "../../interactive/src/surfaces.mjs";

const settings = JSON.parse(readFileSync(new URL("../../interactive/settings.json", import.meta.url)));
const { playground, perceptron } = settings;

test("settings.json offers exactly what the modules can do", () => {
  const offered = (element, option) => settings[element].options[option].values;
  assert.deepEqual(offered("playground", "data"), DATA_SETS);
  assert.deepEqual(offered("playground", "act"), ACTIVATIONS);
  assert.deepEqual(offered("neuron", "act"), ACTIVATIONS);
  assert.deepEqual(offered("playground", "init"), INITS);
  assert.deepEqual(offered("playground", "opt"), OPTIMIZERS);
  assert.deepEqual(offered("optimizer", "methods"), OPTIMIZERS);
  assert.deepEqual(offered("optimizer", "surface"), Object.keys(SURFACES));
  assert.deepEqual(offered("perceptron", "data"), PERCEPTRON_SETS);
  assert.deepEqual(offered("backprop", "graph"), Object.keys(GRAPHS));
});

test("defaults and presets survive the way through text", () => {
  for (const element of Object.values(settings)) {
    for (const preset of [undefined, ...Object.keys(element.presets)]) {
      const state = startState(element, preset);
      const empty = Object.fromEntries(Object.keys(state).map((key) => [key, "?"]));
      const { changes, notes } = readState(element, writeState(element, state, empty));
      assert.deepEqual([changes, notes], [state, []]);
    }
  }
  assert.throws(() => startState(playground, "xor-9"), /preset must be one of xor-0.*got xor-9/);
  assert.throws(() => startState(playground, "constructor"), /preset must be one of/);
  startState(playground).layers.push(9);
  assert.deepEqual(startState(playground).layers, playground.options.layers.default);
});

test("random states make the round trip exactly", () => {
  const rng = new Rng(2);
  const pick = (values) => values[Math.floor(rng.uniform() * values.length)];
  const random = ({ type, values, min, max, most }) => {
    if (type === "choice") return pick(values);
    if (type === "set") return values.filter((_, i) => i === 0 || rng.uniform() < 0.5);
    const number = () => min + (max - min) * rng.uniform() ** pick([1, 8]);
    if (type === "number") return number();
    if (type === "integer") return Math.round(number());
    return Array.from({ length: pick([0, 1, 2, most]) }, () => Math.round(number()));
  };
  const start = startState(playground);
  for (let k = 0; k < 300; k++) {
    const state = Object.fromEntries(Object.entries(playground.options).map(([key, option]) => [key, random(option)]));
    const hash = writeHash(playground, "#other=lr:1", "nn", state, start);
    assert.match(hash, /^#other=lr:1&nn=[\w:;,.+-]+$/); // nothing that an address would escape
    const { changes, notes } = readHash(playground, hash, "nn");
    assert.deepEqual([{ ...start, ...changes }, notes], [state, []]);
  }
});

test("addresses of several elements do not touch each other", () => {
  const start = startState(perceptron);
  let hash = writeHash(perceptron, "", "p", { ...start, lr: 2 }, start);
  assert.equal(hash, "#p=lr:2");
  hash = writeHash(playground, hash, "nn", startState(playground, "xor-0"), startState(playground));
  assert.equal(hash, "#p=lr:2&nn=layers:0;epochs:300");
  assert.deepEqual(readHash(perceptron, hash, "p").changes, { lr: 2 });
  assert.deepEqual(readHash(playground, hash, "nn").changes, { layers: [], epochs: 300 });
  assert.deepEqual(readHash(playground, hash, "n"), { changes: {}, notes: [] });
  assert.equal(writeHash(perceptron, "#p=lr:2", "p", start, start), "");
  assert.deepEqual(readHash(playground, "#section-2", "nn"), { changes: {}, notes: [] });
  assert.deepEqual(readHash(playground, "#nn=layers:4%2C2;lr:0.5", "nn").changes, { layers: [4, 2], lr: 0.5 });
});

const HOSTILE = [
  "lr:alert(1)", "lr:1;lr:NaN:", "lr:Infinity", "lr:-1", "lr:1e9", "lr:0x10", "lr: 1", "lr:1 ", "lr:", "lr", ":1", "lr:1,2", "lr:.", "lr:1e",
  "lr:١", "seed:1.5", "seed:-1", "seed:1e400", "seed:99999999999999999999999", "layers:1,2,3,4,5", "layers:17", "layers:4,,2",
  "layers:4,0", "layers:[4]", "layers:1e1.5", "layers:99,99", "act:Tanh", "act:constructor", "act:toString", "act:<img src=x onerror=alert(1)>",
  "__proto__:1", "constructor:1", "toString:x", "hasOwnProperty:1", "__proto__.polluted:1", "data:swiss", "controls:lr,lr",
  "controls:lr,", "controls:evil", "n:9", "epochs:1e99", "javascript:alert(1)", "<script>alert(1)</script>:1", "a".repeat(500), "lr:0.1\u0000",
];
for (const text of HOSTILE) {
  test(`hostile or stale: ${JSON.stringify(text.slice(0, 40))}`, () => {
    for (const hash of [`#nn=${text}`, `#nn=${encodeURIComponent(text)}`]) {
      const { changes, notes } = readHash(playground, hash, "nn");
      const kept = text.startsWith("lr:1;") ? ["lr"] : [];
      assert.deepEqual(Object.keys(changes), kept);
      assert.equal(notes.length, 1);
      assert.match(notes[0], /^Ignored: /);
      assert.ok(notes[0].length < 300);
      const key = text.split(":")[0]; // what every object inherits is no setting either
      if (key in {}) assert.match(notes[0], /there is no setting/);
    }
    assert.equal({}.polluted, undefined);
  });
}

test("broken escapes and endless addresses are ignored with a note", () => {
  assert.match(readHash(playground, "#nn=lr:%E0%A4%A", "nn").notes[0], /broken %/);
  const endless = readHash(playground, `#nn=${"lr:1;".repeat(5000)}`, "nn");
  assert.deepEqual(endless.changes, {});
  assert.match(endless.notes[0], /at most 1000 characters are read, got 25000/);
  assert.deepEqual(readHash(playground, "#nn=lr:2;junk;act:relu", "nn").changes, { lr: 2, act: "relu" });
});

test("a zero has no sign, and every number reads back", () => {
  const option = { type: "number", min: -10, max: 10 };
  assert.ok(Object.is(parseValue(option, "-0"), 0));
  for (const value of [1e-7, 0.1 + 0.2, -1 / 3, 5e-324]) {
    const low = { type: "number", min: -10, max: 10 };
    assert.equal(parseValue(low, formatValue(low, value)), value);
  }
});
