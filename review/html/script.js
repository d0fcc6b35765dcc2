// Search, folding and links. Without it the page shows everything there is.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const field = byId("search");
  const hits = byId("hits");
  let units = null;
  let foldedBefore = null;
  let open = "";

  // What can be found: a text for each row, and what in the picture stands for it.
  function collect() {
    const cells = new Map();
    const boxes = new Map();
    for (const stack of all("section.stack")) {
      for (const cell of all(".cell:not([data-q])", stack)) cells.set(cell.getAttribute("href").slice(1), cell);
      for (const box of all(".box", stack)) boxes.set(stack.id + " " + box.dataset.n, box);
    }
    return all(".unit").map((node) => {
      const stack = node.closest("section.stack");
      const part = node.closest(".part");
      const context = [stack.dataset.stack, part ? part.dataset.name : ""].join(" ");
      return {
        node,
        part,
        text: (node.textContent + " " + context).toLowerCase(),
        unchanged: node.tagName === "LI" && part ? "unchanged" : "",
        cell: part && cells.get(node.id),
        box: part && boxes.get(stack.id + " " + part.dataset.box),
        finding: Boolean(node.closest(".findings")),
        found: true,
      };
    });
  }

  function search(query) {
    const terms = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!terms.length && !units) return;
    units = units || collect();
    const parts = new Map();
    const found = { resources: 0, all: 0, findings: 0 };
    const lit = new Set();
    for (const unit of units) {
      const text = unit.text;
      unit.found = terms.every((term) => text.includes(term) || term === unit.unchanged);
      unit.node.classList.toggle("off", !unit.found);
      if (unit.part) {
        found.all += 1;
        found.resources += unit.found;
        parts.set(unit.part, (parts.get(unit.part) || 0) + unit.found);
        if (unit.found) lit.add(unit.cell).add(unit.box);
      } else {
        found.findings += unit.found && unit.finding;
      }
    }
    const searching = terms.length > 0;
    for (const graph of all(".graph")) graph.classList.toggle("searching", searching);
    for (const node of all(".cell, .box")) node.classList.toggle("hit", lit.has(node));
    foldTo(parts, searching);
    hits.textContent = searching
      ? `${found.resources.toLocaleString("en")} of ${found.all.toLocaleString("en")} resources, ` +
        `${found.findings.toLocaleString("en")} ${found.findings === 1 ? "finding" : "findings"}`
      : "";
  }

  // Unfolds where something was found, and folds again as it was.
  function foldTo(parts, searching) {
    const folds = all(".part, .parts");
    if (searching && !foldedBefore) foldedBefore = folds.map((node) => [node, node.open]);
    const withHits = [...parts].filter(([, number]) => number);
    for (const [part, number] of parts) {
      part.classList.toggle("off", searching && !number);
      if (searching && number && withHits.length <= 40) {
        part.open = true;
        const outer = part.parentElement.closest("details");
        if (outer) outer.open = true;
      }
    }
    for (const outer of all(".parts")) {
      outer.classList.toggle("off", searching && !outer.querySelector(".part:not(.off)"));
    }
    if (!searching && foldedBefore) {
      for (const [node, state] of foldedBefore) node.open = state;
      foldedBefore = null;
    }
  }

  // The address keeps both: #resource?q=words
  function address() {
    const query = field.value.trim();
    return "#" + open + (query ? "?q=" + encodeURIComponent(query) : "");
  }

  function reveal(id, near) {
    for (const node of all(".target")) node.classList.remove("target");
    const node = id && byId(id);
    if (!node) return;
    if (node.classList.contains("off") || node.closest(".off")) {
      field.value = "";
      search("");
    }
    for (let fold = node.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const own = node.querySelector(".more details");
    if (own) own.open = true;
    node.classList.add("target");
    if (near) bring(node, true);
  }

  // What stands above gets its real height only once it has been near: until that settles, it is moved again.
  function bring(node, away, frames = 30) {
    if (away) node.scrollIntoView({ block: node.offsetHeight > innerHeight / 2 ? "start" : "center" });
    if (!frames) return;
    requestAnimationFrame(() => {
      const { top, bottom } = node.getBoundingClientRect();
      bring(node, bottom < 0 || top > innerHeight, frames - 1);
    });
  }

  function restore() {
    let [id, query = ""] = location.hash.slice(1).split("?q=");
    try {
      query = decodeURIComponent(query);
    } catch {
      query = ""; // Somebody cut the link.
    }
    open = id;
    field.value = query;
    search(query);
    reveal(id, true);
  }

  let waiting = 0;
  field.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      search(field.value);
      history.replaceState(null, "", address());
    });
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest && event.target.closest("input[type=search], textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "Escape" && field.value) {
      field.value = "";
      search("");
      history.replaceState(null, "", address());
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.q) {
      field.value = link.dataset.q;
      search(field.value);
      byId(link.getAttribute("href").slice(1))?.scrollIntoView();
    } else {
      open = link.getAttribute("href").slice(1);
      reveal(open, true);
    }
    history.pushState(null, "", address());
  });

  // In the picture: the lines of the box under the pointer stand out.
  for (const graph of all(".graph")) {
    graph.addEventListener("pointerover", (event) => {
      const box = event.target.closest(".box");
      graph.classList.toggle("lit", Boolean(box));
      for (const line of all(".lines path", graph)) {
        const { a, b } = line.dataset;
        line.classList.toggle("lit", Boolean(box) && (a === box.dataset.n || b === box.dataset.n));
      }
    });
    graph.addEventListener("pointerleave", () => graph.classList.remove("lit"));
  }

  const fold = (state) => () => {
    for (const node of all("main details:not(.off)")) node.open = state;
  };
  byId("unfold").addEventListener("click", fold(true));
  byId("fold").addEventListener("click", fold(false));
  addEventListener("popstate", restore);
  for (const tools of all(".tools")) tools.hidden = false;
  restore();
})();
