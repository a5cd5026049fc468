// The search page: what a page is about where no page can be fetched, and a way on from nothing found.
(() => {
  "use strict";
  const fromDisk = location.protocol === "file:";
  // Sphinx fetches each page that it has found to quote from it; browsers forbid that from disk.
  if (fromDisk) DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  const describe = (item) => {
    const page = item.querySelector("a").getAttribute("href").replace(/\.html.*/, "");
    if (!PAGE_DESCRIPTIONS[page]) return;
    const text = document.createElement("p");
    text.className = "context";
    text.textContent = PAGE_DESCRIPTIONS[page];
    item.append(text);
  };

  /** How many letters must change to make one word of the other (Levenshtein). */
  const distance = (a, b) => {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
      }
      row = next;
    }
    return row[b.length];
  };
  /** Up to three titles and terms of the glossary that are spelt nearly like the query. */
  const similar = (query) => {
    const { indexentries, alltitles } = Search._index;
    const known = [...Object.keys(indexentries), ...Object.keys(alltitles)];
    const near = new Map();
    for (const phrase of known.map((words) => words.toLowerCase())) {
      const far = distance(query, phrase);
      if (far <= Math.max(1, query.length / 4)) near.set(phrase, far);
    }
    return [...near].sort((a, b) => a[1] - b[1]).slice(0, 3).map(([phrase]) => phrase);
  };

  const query = Search.query;
  Search.query = (words) => {
    Search.status.setAttribute("role", "status");
    if (fromDisk) {
      const seen = new MutationObserver((changes) =>
        changes.forEach((change) => change.addedNodes.forEach(describe)));
      seen.observe(Search.output, { childList: true });
    }
    query(words);
    if (Search.output.firstChild) return;
    Search.status.textContent = `Nothing found for “${words}”. `;
    const guesses = similar(words.toLowerCase().trim());
    guesses.forEach((guess, i) => {
      const link = document.createElement("a");
      link.href = `?q=${encodeURIComponent(guess)}`;
      link.textContent = guess;
      Search.status.append(i ? ", " : "Did you mean ", link);
    });
    const advice = "Fewer or shorter words find more: all of them must stand on one page. ";
    Search.status.append(guesses.length ? "? " : advice);
    if (!GLOSSARY) return; // a book of a few pages may have none
    const link = document.createElement("a");
    link.href = GLOSSARY;
    link.textContent = "the glossary";
    Search.status.append("Or look it up in ", link, ".");
  };
})();
