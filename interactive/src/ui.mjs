import { allowed, formatValue, parseValue, readHash, readState, startState, writeHash } from "./state.mjs";

/** Make an element. @param {string} tag @param {object} [props] properties (also onclick) and
 * attributes @param {...(Node | string)} children @returns {HTMLElement} */
export function make(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

/** Parts that every laboratory has. */
export const button = (textContent, onclick) => make("button", { type: "button", textContent, onclick });
export const canvas = (className) => make("canvas", { className, role: "img" });
export const small = (textContent) => make("p", { className: "nn-small", textContent });

/** Copy text, also where pages may not use the clipboard.
 * @param {string} text @param {HTMLElement} place where a text field may stand for a moment
 * @returns {Promise<boolean>} false: the text stands selected in a field, to be copied by hand */
export async function copyText(text, place) {
  place.querySelector(".nn-copy")?.remove();
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const look = { className: "nn-copy", readOnly: true, ariaLabel: "Text to copy" };
    const field = make("textarea", { ...look, value: text });
    place.append(field);
    field.select();
    const copied = document.execCommand("copy");
    if (copied) field.remove();
    return copied;
  }
}

/** A number for reading: four significant digits, true minus. @param {number} x @returns {string} */
export function show(x) {
  const text = Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 1e-4) ? x.toExponential(2) : x.toFixed(4);
  return text.replace("-", "−");
}

/** What all laboratories share: settings from attributes, address and fields; a status line; a run loop that rests
 * out of sight and is slow where motion is not wanted; redrawing when theme or size change. A subclass gives
 *   heading: its name, for screen readers;  build(): the content;  draw(): show everything;
 *   update(keys): settings have changed (no keys: a new start);
 *   work(calm): one portion of a run, false when it is over;  pause(): the run has ended. */
export class Laboratory extends (globalThis.HTMLElement ?? Object) {
  connectedCallback() {
    if (this.live) return;
    this.name = this.localName.slice(3);
    this.element = SETTINGS[this.name];
    this.fields = {};
    const given = Object.keys(this.element.options).filter((key) => this.hasAttribute(key));
    const written = given.map((key) => `${key}:${this.getAttribute(key)}`).join(";");
    this.start = { ...startState(this.element), ...readState(this.element, written).changes };
    this.statusLine = make("p", { className: "nn-status", role: "status" });
    this.live = make("div", { className: "nn-live", role: "group" });
    this.live.ariaLabel = this.getAttribute("label") || this.heading;
    this.build();
    this.append(this.live);
    this.setAttribute("live", "");
    this.load();
    this.listen();
  }

  listen() {
    addEventListener("hashchange", () => {
      // Links to sections change the address too: they say nothing about this laboratory.
      const parts = location.hash.slice(1).split("&");
      if (parts.some((part) => part.startsWith(`${this.id}=`))) this.load();
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.(`a[href^="#${this.id}="]`);
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      history.pushState(null, "", link.getAttribute("href"));
      this.load(); // also if the address was this one already: the run begins anew
      this.cameFrom(link);
    });
    const redraw = () => this.live.isConnected && this.draw();
    new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    for (const query of ["(forced-colors: active)", "(prefers-color-scheme: dark)"]) {
      matchMedia(query).addEventListener("change", redraw);
    }
    new ResizeObserver(redraw).observe(this.live);
    new IntersectionObserver(([entry]) => {
      this.seen = entry.isIntersecting;
      if (this.seen) this.next();
    }).observe(this.live);
  }

  /** Take the settings from the address. */
  load() {
    const { changes, notes } = readHash(this.element, location.hash, this.id);
    this.settings = { ...this.start, ...changes };
    this.stop();
    this.update([]);
    this.showFields();
    if (notes.length) this.say(notes.join(" "));
  }

  /** Show the laboratory to somebody who followed a link, and the way back. */
  cameFrom(link) {
    this.back ??= make("button", { type: "button", className: "nn-back", textContent: "↓ Back to the text" });
    this.back.onclick = () => {
      link.scrollIntoView({ block: "center" });
      link.focus();
    };
    this.statusLine.after(this.back);
    this.live.tabIndex = -1;
    this.live.focus({ preventScroll: true });
    this.scrollIntoView();
  }

  say(text) {
    if (this.statusLine.textContent !== text) this.statusLine.textContent = text;
    this.spoken = performance.now();
  }

  /** A labelled control for one setting, made from settings.json. @param {string} key */
  field(key) {
    const { type, values, names, offer, label, min, max } = this.element.options[key];
    const list = values ?? offer;
    const onchange = () => this.set(key, control.value);
    const control = list
      ? make("select", { onchange }, ...list.map((v, i) => new Option(names?.[i] ?? v, v)))
      : make("input", { onchange, autocomplete: "off", ...(type === "sizes" ? {} : { type: "number", min, max }) });
    this.fields[key] = control;
    return this.labelled(key, label, control);
  }

  /** A control under its label; not inside it, where a list's entries would become part of its name. */
  labelled(key, text, control, className = "nn-field") {
    control.id = `${this.id}-${key}`;
    return make("div", { className }, make("label", { htmlFor: control.id }, text), control);
  }

  /** Let the fields show the settings; after one has changed, not where somebody is typing another. */
  showFields(changed) {
    for (const [key, control] of Object.entries(this.fields)) {
      if (changed && key !== changed && control === document.activeElement) continue;
      const text = formatValue(this.element.options[key], this.settings[key]);
      const offered = control.options && [...control.options].some(({ value }) => value === text);
      if (offered === false) control.add(new Option(text, text));
      Object.assign(control, { value: text, ariaInvalid: null });
    }
  }

  /** Change one setting, given as text. */
  set(key, text) {
    const option = this.element.options[key];
    const value = parseValue(option, text.replace(/\s/g, ""));
    if (value === undefined) {
      this.fields[key].setAttribute("aria-invalid", "true");
      this.say(`${option.label} must be ${allowed(option)}.`);
      return;
    }
    this.settings[key] = value;
    const hash = writeHash(this.element, location.hash, this.id, this.settings, this.start);
    history.replaceState(null, "", hash || location.href.split("#")[0]);
    this.showFields(key);
    this.update([key]);
  }

  run() {
    this.running = true;
    this.next();
  }

  stop() {
    if (!this.running) return;
    this.running = false;
    this.pause();
  }

  /** Ask for the next portion, unless one is on its way or nobody can see it. */
  next() {
    if (!this.running || !this.seen || this.waiting) return;
    this.waiting = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const frame = () => requestAnimationFrame(() => {
      this.waiting = false;
      if (!this.running || !this.seen) return;
      if (this.work(calm)) this.next();
      else this.stop();
    });
    if (calm) setTimeout(frame, 500);
    else frame();
  }
}

/** Register a laboratory, once, and only where there are pages. */
export function define(name, laboratory) {
  const registry = globalThis.customElements;
  if (registry && !registry.get(name)) registry.define(name, laboratory);
}
