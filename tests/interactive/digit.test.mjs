import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DigitNetwork, toDigit } from "../../interactive/src/digit.mjs";

const { cases } = JSON.parse(readFileSync(new URL("../../interactive/fixtures/digits.json", import.meta.url)));

function draw({ width, height, radius, dots }) {
  const ink = new Float64Array(width * height);
  for (const [cx, cy] of dots) {
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < width; c++) {
        if ((c + 0.5 - cx) ** 2 + (r + 0.5 - cy) ** 2 <= radius ** 2) ink[r * width + c] = 1;
      }
    }
  }
  return ink;
}
const boxOf = (image, side = 28) => {
  const inked = [...image.keys()].filter((k) => image[k] > 1e-9);
  const [rows, columns] = [inked.map((k) => Math.floor(k / side)), inked.map((k) => k % side)];
  return [Math.min(...rows), Math.max(...rows), Math.min(...columns), Math.max(...columns)];
};

cases.forEach((example, i) => {
  test(`drawing ${i} becomes what NumPy makes of it`, () => {
    const image = toDigit(draw(example), example.width, example.height);
    assert.equal(image.length, 784);
    const worst = Math.max(...image.map((value, k) => Math.abs(value - example.image[k])));
    assert.ok(worst <= 1e-5, `largest difference ${worst}`);
    const [top, bottom, left, right] = boxOf(image);
    const longer = Math.max(bottom - top, right - left) + 1;
    assert.ok(longer === 20 || longer === 21, `the longer side covers ${longer} pixels`);
    const mass = image.reduce((s, v) => s + v);
    const centre = [0, 1].map((axis) => image.reduce((s, v, k) => s + v * ((axis ? k % 28 : Math.floor(k / 28)) + 0.5), 0) / mass);
    assert.ok(centre.every((c) => Math.abs(c - 14) < 0.01), `centre of mass at ${centre}`);
    assert.ok(image.every((v) => v >= 0 && v <= 1 + 1e-12) && Math.max(...image) > 0.9);
  });
});

test("size and place of the drawing do not matter", () => {
  const dots = Array.from({ length: 30 }, (_, k) => [20 + k, 20 + 1.5 * k]);
  const small = toDigit(draw({ width: 100, height: 100, radius: 6, dots }), 100, 100);
  const moved = dots.map(([x, y]) => [x + 30, y + 10]);
  const shifted = toDigit(draw({ width: 100, height: 100, radius: 6, dots: moved }), 100, 100);
  assert.ok(small.every((v, k) => Math.abs(v - shifted[k]) < 1e-12));
  const large = dots.map(([x, y]) => [3 * x, 3 * y]);
  const scaled = toDigit(draw({ width: 300, height: 300, radius: 18, dots: large }), 300, 300);
  const mean = small.reduce((s, v, k) => s + Math.abs(v - scaled[k]), 0) / 784;
  assert.ok(mean < 0.01, `mean difference ${mean}`);
});

test("a digit of MNIST's own form stays itself; a lopsided one stays inside", () => {
  const image = new Float64Array(784);
  for (let r = 4; r < 24; r++) for (let c = 12; c < 16; c++) image[r * 28 + c] = 0.7; // box 20 by 4, centred
  assert.ok(toDigit(image, 28, 28).every((v, k) => Math.abs(v - image[k]) < 1e-12));
  const lopsided = new Float64Array(10000);
  for (let r = 0; r < 100; r++) lopsided[r * 100 + 50] = r > 80 ? 1 : 0.001;
  const result = toDigit(lopsided, 100, 100);
  const [lost] = [Math.abs(result.reduce((s, v) => s + v) * 25 - lopsided.reduce((s, v) => s + v))];
  assert.ok(lost < 1e-9, "ink was cut off");
});

test("blank sheets and wrong sizes", () => {
  assert.equal(toDigit(new Float64Array(100), 10, 10), null);
  assert.throws(() => toDigit(new Float64Array(99), 10, 10), /= 100 numbers, got 99/);
});

test("shortened weights: signs, scale, softmax, errors", () => {
  const pack = (values) => btoa(String.fromCharCode(...values.map((v) => v & 255), ...values.map((v) => (v >> 8) & 255)));
  const layers = [
    { shape: [2, 2], scale: 0.5, kernel: pack([2, -4, 300, -300]), bias: [0, 1] },
    { shape: [2, 2], scale: 0.01, kernel: pack([100, 0, 0, 100]), bias: [0, 0] },
  ];
  const { hidden, probabilities } = new DigitNetwork({ act: "relu", layers }).forward([1, 0.01]);
  assert.deepEqual([...hidden], [2.5, 0]); // 1 + 1.5; 1 - 2 - 1.5 is cut at 0
  assert.ok(Math.abs(probabilities[0] - 1 / (1 + Math.exp(-2.5))) < 1e-12);
  assert.throws(() => new DigitNetwork({ act: "relu", layers: [{ ...layers[0], bias: [0] }] }), /must hold 8 bytes and 2 biases, got 8 and 1/);
});
