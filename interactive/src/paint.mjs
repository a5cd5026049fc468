const PAINTS = ["paper", "ink", "muted", "line", "zero", "one", "test"];

/** Colours of the style sheet as [r, g, b], read anew at each drawing, so that themes just work.
 * @param {HTMLElement} node @returns {Record<string, number[]>} */
export function colours(node) {
  const style = getComputedStyle(node);
  const dot = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (name) => {
    dot.fillStyle = style.getPropertyValue(`--nn-${name}`);
    dot.fillRect(0, 0, 1, 1);
    return [...dot.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
  };
  return Object.fromEntries(PAINTS.map((name) => [name, read(name)]));
}

/** [r, g, b] as CSS. */
export function css([r, g, b], alpha = 1) {
  return `rgb(${r} ${g} ${b} / ${alpha})`;
}

/** Fit a canvas to its box, clear it. Its `finest` is the most pixels per CSS pixel.
 * @returns {{g: CanvasRenderingContext2D, w: number, h: number}}
 * a context that counts in CSS pixels */
export function fit(canvas) {
  const ratio = Math.min(canvas.finest ?? 2, devicePixelRatio || 1);
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const g = canvas.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, w, h);
  g.font = "12px system-ui, sans-serif";
  return { g, w, h };
}

const sheets = new Map(); // by side: small canvases to paint pixels on, kept because to make one is slow

/** A square canvas in memory, and its pixels. */
function sheet(size) {
  if (!sheets.has(size)) {
    const canvas = new OffscreenCanvas(size, size);
    sheets.set(size, { canvas, g: canvas.getContext("2d"), picture: new ImageData(size, size) });
  }
  return sheets.get(size);
}

const STRONGEST = 0.5; // of the full colour: markers of the same colour must stay visible

/** Paint numbers from -1 to 1 as colours between those of class 0 and class 1; 0 is paper.
 * @param {CanvasRenderingContext2D} g @param {Float64Array} values (size, size) by rows, the last
 *   row at the top @param {number} size @param {number[]} box x, y, side */
export function heat(g, values, size, [x, y, side], { paper, zero, one }) {
  const { canvas, g: pixels, picture } = sheet(size);
  for (let i = 0; i < size * size; i++) {
    const value = Math.max(-1, Math.min(1, values[i]));
    const full = value < 0 ? zero : one;
    const at = 4 * ((size - 1 - Math.floor(i / size)) * size + (i % size));
    for (let c = 0; c < 3; c++) picture.data[at + c] = paper[c] + STRONGEST * Math.abs(value) * (full[c] - paper[c]);
    picture.data[at + 3] = 255;
  }
  pixels.putImageData(picture, 0, 0);
  const half = side / (size - 1) / 2; // the grid's outer points lie on the edge of the box
  g.save();
  g.beginPath();
  g.rect(x, y, side, side);
  g.clip();
  g.drawImage(canvas, x - half, y - half, side + 2 * half, side + 2 * half);
  g.restore();
}

/** Where numbers on a grid change their sign (marching squares).
 * @param {ArrayLike<number>} values (size, size) by rows @param {number} size
 * @returns {number[][]} pieces [x1, y1, x2, y2], in steps of the grid */
export function contour(values, size) {
  const pieces = [];
  for (let r = 0; r + 1 < size; r++) {
    for (let c = 0; c + 1 < size; c++) {
      const corners = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]];
      const ends = [];
      corners.forEach(([x, y], k) => {
        const [x2, y2] = corners[(k + 1) % 4];
        const [u, v] = [values[y * size + x], values[y2 * size + x2]];
        if (u > 0 === v > 0) return;
        const t = u / (u - v);
        ends.push(x + t * (x2 - x), y + t * (y2 - y));
      });
      for (let k = 0; k < ends.length; k += 4) pieces.push(ends.slice(k, k + 4));
    }
  }
  return pieces;
}

/** Stroke what contour() found. @param {number[]} box x, y, side of the place of the grid */
export function trace(g, pieces, size, [left, upper, side]) {
  const cell = side / (size - 1);
  g.beginPath();
  for (const [x1, y1, x2, y2] of pieces) {
    g.moveTo(left + x1 * cell, upper + side - y1 * cell);
    g.lineTo(left + x2 * cell, upper + side - y2 * cell);
  }
  g.stroke();
}

/** A square part of the plane with its axes, to be drawn on.
 * @param {HTMLCanvasElement} canvas @param {number[]} range lowest and highest coordinate
 * @param {Record<string, number[]>} paint @param {string} [name] of the coordinates
 * @returns {{g: CanvasRenderingContext2D, box: number[], x: (v: number) => number,
 *   y: (v: number) => number}} box: x, y, side in CSS pixels; x, y: coordinates to pixels */
export function plane(canvas, [low, high], paint, name = "x") {
  const { g, w, h } = fit(canvas);
  const side = Math.min(w - 34, h - 26);
  const [left, upper] = [w - side - 2, 4];
  const at = (v) => (side * (v - low)) / (high - low);
  g.strokeStyle = css(paint.line);
  g.strokeRect(left - 0.5, upper - 0.5, side + 1, side + 1); // around, not on, what is drawn inside
  g.fillStyle = css(paint.muted);
  for (const v of [low, (low + high) / 2, high]) {
    const text = String(Number(v.toFixed(1))).replace("-", "−");
    g.textAlign = v === low ? "left" : v === high ? "right" : "center";
    g.fillText(text, left + at(v), upper + side + 15);
    g.textAlign = "right";
    g.fillText(text, left - 4, upper + side - at(v) + (v === high ? 9 : v === low ? 0 : 4));
  }
  g.fillText(`${name}₁`, left + side * 0.76, upper + side + 15);
  g.fillText(`${name}₂`, left - 4, upper + side * 0.26);
  return { g, box: [left, upper, side], x: (v) => left + at(v), y: (v) => upper + side - at(v) };
}

/** A disc for class 0 or a square for class 1; filled, or hollow. */
export function marker(g, y, [cx, cy], radius, filled, { paper, zero, one }) {
  const colour = css(y ? one : zero);
  g.beginPath();
  if (y) g.rect(cx - 0.88 * radius, cy - 0.88 * radius, 1.76 * radius, 1.76 * radius);
  else g.arc(cx, cy, radius, 0, 7);
  g.fillStyle = filled ? colour : css(paper, 0.6);
  g.strokeStyle = filled ? css(paper) : colour;
  g.lineWidth = filled ? 1 : 1.5;
  g.fill();
  g.stroke();
}

/** Curves over the epochs (or another unit), the first on top.
 * @param {HTMLCanvasElement} canvas @param {{name: string, epochs: number[], lines: number[][],
 *   low?: number, top: number, mark: number | null, tick: (v: number) => string, unit?: string,
 *   looks?: [string, number[]][]}} chart lines: values by epoch; looks: colour and dash of each
 * @param {Record<string, number[]>} paint
 * @returns {{g: CanvasRenderingContext2D, x: (epoch: number) => number, y: (value: number) => number}} */
export function curves(canvas, { name, epochs, lines, low = 0, top, mark, tick, unit = "epoch", looks }, paint) {
  const { g, w, h } = fit(canvas);
  const [left, right, upper, lower] = [42, w - 8, 22, h - 20];
  const first = epochs[0];
  const last = Math.max(epochs[epochs.length - 1], 1);
  const x = (epoch) => left + ((right - left) * (epoch - first)) / (last - first);
  const y = (value) => lower - ((lower - upper) * (Math.max(low, Math.min(value, top)) - low)) / (top - low);
  const line = (points, colour, width, dash = []) => {
    g.beginPath();
    points.forEach(([px, py]) => g.lineTo(px, py));
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.setLineDash(dash);
    g.stroke();
  };
  g.fillStyle = css(paint.muted);
  g.fillText(name, 0, 11);
  g.textAlign = "right";
  for (const value of [low, (low + top) / 2, top]) {
    line([[left, y(value)], [right, y(value)]], css(paint.line), 1);
    g.fillText(tick(value), left - 5, y(value) + 4);
  }
  g.fillText(`${unit} ${last}`, right, h - 5);
  g.textAlign = "left";
  g.fillText(String(first).replace("-", "−"), left, h - 5);
  if (mark !== null) line([[x(mark), upper], [x(mark), lower]], css(paint.muted), 1);
  g.lineJoin = "round";
  const styles = looks ?? [["ink", []], ["test", [5, 3]]];
  for (let k = lines.length; k--;) {
    const [colour, dash] = styles[k];
    line(lines[k].map((value, i) => [x(epochs[i]), y(value)]), css(paint[colour]), 2, dash);
  }
  g.setLineDash([]);
  return { g, x, y };
}
