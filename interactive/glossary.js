// Definitions beside the words: on hover, on focus, on a first tap. Without this script the link serves.
(() => {
  "use strict";
  const tip = document.createElement("div");
  tip.id = "glossary-tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  let owner = null; // the link whose definition is shown
  let timer = 0;
  let tapped = null; // was this link's definition there before the finger came down?

  const hide = () => {
    clearTimeout(timer);
    owner?.removeAttribute("aria-describedby");
    owner = null;
    tip.hidden = true;
  };
  const show = (link) => {
    clearTimeout(timer);
    if (link === owner) return;
    hide();
    owner = link;
    tip.textContent = link.dataset.definition;
    link.setAttribute("aria-describedby", tip.id);
    tip.hidden = false;
    // Below the word's last line, above its first one where there is no room; inside the window.
    const lines = link.getClientRects();
    const last = lines[lines.length - 1];
    const { offsetWidth: width, offsetHeight: height } = tip;
    const room = document.documentElement.clientWidth - width - 8;
    const below = last.bottom + height <= innerHeight;
    tip.style.left = `${scrollX + Math.max(8, Math.min(last.left, room))}px`;
    tip.style.top = `${scrollY + (below ? last.bottom : lines[0].top - height)}px`;
  };
  const later = (action, wait) => {
    clearTimeout(timer);
    timer = setTimeout(action, wait);
  };

  for (const link of document.querySelectorAll("a.glossary-term")) {
    link.addEventListener("focus", () => show(link));
    link.addEventListener("blur", hide);
    link.addEventListener("pointerdown", (event) => {
      tapped = event.pointerType === "touch" && owner !== link ? link : null;
    });
    link.addEventListener("click", (event) => {
      if (tapped !== link) return; // a mouse, a key or a second tap: follow the link
      event.preventDefault();
      show(link);
    });
  }
  // What the pointer rests on stays; a pointer on its way to the definition does not lose it.
  const under = (event) => event.pointerType !== "touch" && event.target.closest?.("a.glossary-term");
  document.addEventListener("pointerover", (event) => {
    const link = under(event);
    if (link) later(() => show(link), 200);
    else if (event.target === tip) clearTimeout(timer);
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType === "touch" || (event.target !== tip && !under(event))) return;
    later(() => owner !== document.activeElement && hide(), 300);
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.target !== tip && event.target !== owner && !owner?.contains(event.target)) hide();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
})();
