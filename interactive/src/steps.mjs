import { Laboratory, button, make } from "./ui.mjs";

// name of a button, key, how many steps
const MOVES = [
  ["First", "Home", -Infinity], ["Back", "ArrowLeft", -1],
  ["Next", "ArrowRight", 1], ["Last", "End", Infinity],
];

/** A number in few characters: four significant digits. @param {number} x @returns {string} */
export function brief(x) {
  return String(Number(x.toPrecision(4))).replaceAll("-", "−");
}

/** A laboratory that is gone through step by step, by buttons or keys. A subclass gives
 *   prepare(): settings have changed; returns a sentence for the start and one for each step;
 *   draw(): show step number this.at, after super.draw(). */
export class StepThrough extends Laboratory {
  /** The first picture is left to the ResizeObserver, which comes once the page is laid out. To draw before
   * would ask for the layout of the whole page in one piece, and a phone would not answer meanwhile. */
  connectedCallback() {
    this.draw = () => {};
    super.connectedCallback();
    delete this.draw;
  }

  /** @param {HTMLElement[]} more buttons @param {HTMLElement[]} left the picture and what belongs to it
   * @param {...HTMLElement} rest below picture and list */
  frame(more, left, ...rest) {
    const buttons = MOVES.map(([name, , by]) => button(name, () => this.step(by)));
    buttons[2].className = "nn-main";
    this.count = make("span", { className: "nn-count" });
    this.list = make("ol", { className: "nn-scroll", start: 0, tabIndex: 0, ariaLabel: "All steps" });
    [this.picture] = left;
    this.live.append(make("div", { className: "nn-bar" }, ...buttons, ...more, this.count), this.statusLine,
      make("div", { className: "nn-panes" }, make("div", {}, ...left), this.list), ...rest);
    this.live.onkeydown = (event) => {
      const move = MOVES.find(([, key]) => key === event.key);
      if (!move || event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, select")) return;
      event.preventDefault();
      this.step(move[2]);
    };
  }

  update([key]) {
    if (key === "step") return;
    this.fill(this.prepare());
    this.show(key ? 0 : this.settings.step);
  }

  fill(sentences) {
    this.list.replaceChildren(...sentences.map((text) => make("li", {}, text)));
  }

  show(to) {
    const { list } = this;
    const last = list.children.length - 1;
    this.at = Math.max(0, Math.min(to, last));
    list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const item = list.children[this.at];
    item.setAttribute("aria-current", "step");
    this.count.textContent = `Step ${this.at} of ${last}`;
    this.picture.ariaLabel = `${this.heading}. ${this.count.textContent}.`;
    this.say(item.textContent);
    this.draw();
    // Browsers refuse an address that changes as fast as a held key repeats.
    clearTimeout(this.later);
    this.later = setTimeout(() => this.set("step", String(this.at)), 300);
  }

  /** Keep the step in view, in other widths too; the picture is drawn by the subclass. */
  draw() {
    const { list, at } = this;
    list.scrollTop = list.children[at].offsetTop - list.clientHeight / 2;
  }

  /** @param {number} [by] forward, or back if negative */
  step(by = 1) {
    this.show(this.at + by);
  }
}
