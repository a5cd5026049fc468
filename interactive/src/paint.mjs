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

/** Fit a canvas to its box, clear it. @returns {{g: CanvasRenderingContext2D, w: number, h: number}}
 * a context that counts in CSS pixels */
export function fit(canvas) {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const g = canvas.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, w, h);
  g.font = "12px system-ui, sans-serif";
  return { g, w, h };
}

const STRONGEST = 0.5; // of the full colour: markers of the same colour must stay visible

/** Paint numbers from -1 to 1 as colours between those of class 0 and class 1; 0 is paper.
 * @param {CanvasRenderingContext2D} g @param {Float64Array} values (size, size) by rows, the last
 *   row at the top @param {number} size @param {number[]} box x, y, side */
export function heat(g, values, size, [x, y, side], { paper, zero, one }) {
  const picture = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    const value = Math.max(-1, Math.min(1, values[i]));
    const full = value < 0 ? zero : one;
    const at = 4 * ((size - 1 - Math.floor(i / size)) * size + (i % size));
    for (let c = 0; c < 3; c++) picture.data[at + c] = paper[c] + STRONGEST * Math.abs(value) * (full[c] - paper[c]);
    picture.data[at + 3] = 255;
  }
  const small = new OffscreenCanvas(size, size);
  small.getContext("2d").putImageData(picture, 0, 0);
  const half = side / (size - 1) / 2; // the grid's outer points lie on the edge of the box
  g.save();
  g.beginPath();
  g.rect(x, y, side, side);
  g.clip();
  g.drawImage(small, x - half, y - half, side + 2 * half, side + 2 * half);
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

/** Two curves over the epochs: the first solid, the second dashed.
 * @param {HTMLCanvasElement} canvas @param {{name: string, epochs: number[], lines: number[][],
 *   top: number, mark: number | null, tick: (v: number) => string}} chart lines: values by epoch
 * @param {Record<string, number[]>} paint */
export function curves(canvas, { name, epochs, lines, top, mark, tick }, paint) {
  const { g, w, h } = fit(canvas);
  const [left, right, upper, lower] = [42, w - 8, 22, h - 20];
  const last = Math.max(epochs[epochs.length - 1], 1);
  const x = (epoch) => left + ((right - left) * epoch) / last;
  const y = (value) => lower - ((lower - upper) * Math.min(value, top)) / top;
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
  for (const value of [0, top / 2, top]) {
    line([[left, y(value)], [right, y(value)]], css(paint.line), 1);
    g.fillText(tick(value), left - 5, y(value) + 4);
  }
  g.fillText(`epoch ${last}`, right, h - 5);
  g.textAlign = "left";
  g.fillText("0", left, h - 5);
  if (mark !== null) line([[x(mark), upper], [x(mark), lower]], css(paint.muted), 1);
  g.lineJoin = "round";
  const points = (values) => values.map((value, i) => [x(epochs[i]), y(value)]);
  line(points(lines[1]), css(paint.test), 2, [5, 3]);
  line(points(lines[0]), css(paint.ink), 2);
}
