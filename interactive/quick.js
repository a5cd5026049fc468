// Quick questions: choices to pick instead of a fold. Without this script the fold serves.
(() => {
  "use strict";
  /** The explanations by answer: each begins with (a), (b) ... and may go on in further blocks. */
  const explanations = (fold) => {
    const groups = [];
    for (const block of [...fold.children].slice(1)) {
      if (/^\([a-z]\) /.test(block.textContent.trim())) groups.push([]);
      groups.at(-1)?.push(block);
    }
    return groups;
  };
  document.querySelectorAll("details.quick-question").forEach((fold, number) => {
    const summary = fold.querySelector("summary");
    const [question, ...options] = summary.innerHTML.split(/<br>\s*/);
    const answers = explanations(fold);
    const box = document.createElement("fieldset");
    box.className = "quick-question";
    box.innerHTML = `<legend>${question}</legend>`;
    const reply = document.createElement("div");
    reply.className = "quick-reply";
    reply.setAttribute("role", "status");
    options.forEach((text, i) => {
      const label = document.createElement("label");
      label.innerHTML = `<input type="radio" name="quick-${number}"><span>${text}</span>`;
      label.firstChild.onchange = () => {
        const right = /^\([a-z]\) (Right|Yes)\b/.test(answers[i][0].textContent.trim());
        reply.dataset.verdict = right ? "right" : "wrong";
        reply.replaceChildren(...answers[i].map((block) => block.cloneNode(true)));
      };
      box.append(label);
    });
    box.append(reply);
    summary.textContent = "All answers, explained";
    fold.className = "quick-answers";
    fold.before(box);
    box.append(fold);
  });
})();
