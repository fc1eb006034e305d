// The list shows the rows that are in view and no others.

// el makes an element. Texts are set as texts, whatever they hold.
function el(tag, properties, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") e.className = value;
    else if (name === "text") e.textContent = value;
    else if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

// Browsers do not draw elements that are much higher.
const TALLEST = 8e6;

// makeList draws items in root: numbers of findings, and -1-g for the group g. The grid
// around it has the focus, and begins with the row of headings where that is shown.
function makeList(grid, head, root, draw) {
  const list = { items: [], offsets: null, at: -1, drawn: new Map(), height: 0 };
  let rowHeight = 0, groupHeight = 0, waiting = false;

  function measure() {
    const style = getComputedStyle(root);
    rowHeight = parseFloat(style.getPropertyValue("--row")) || 52;
    groupHeight = parseFloat(style.getPropertyValue("--group")) || 40;
    const n = list.items.length;
    list.offsets = new Float64Array(n + 1);
    for (let i = 0; i < n; i++) list.offsets[i + 1] = list.offsets[i] + (list.items[i] < 0 ? groupHeight : rowHeight);
    list.height = list.offsets[n];
    root.style.height = Math.min(list.height, TALLEST) + "px";
  }
  // itemAt returns the item at the height y.
  function itemAt(y) {
    let low = 0, high = list.items.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (list.offsets[middle] <= y) low = middle; else high = middle - 1;
    }
    return low;
  }
  // view returns what of the list is in view: its height is squeezed when it is too much.
  function view() {
    const top = Math.max(0, -root.getBoundingClientRect().top), seen = window.innerHeight;
    if (list.height <= TALLEST) return { top: top, shift: 0, seen: seen };
    const moved = Math.min(top, TALLEST - seen) * (list.height - seen) / (TALLEST - seen);
    return { top: moved, shift: top - moved, seen: seen };
  }
  function paint() {
    waiting = false;
    const v = view(), keep = new Set();
    if (list.items.length && root.offsetParent !== null) {
      const first = Math.max(0, itemAt(v.top - v.seen / 2)), last = Math.min(list.items.length - 1, itemAt(v.top + v.seen * 1.5));
      let next = null; // backwards, so that who reads the page without seeing it meets the rows in their order
      for (let i = last; i >= first; i--) {
        keep.add(i);
        let row = list.drawn.get(i);
        if (!row) {
          row = draw(list.items[i], i);
          row.id = "row-" + i;
          row.setAttribute("aria-rowindex", String(i + (head.hidden ? 1 : 2)));
          list.drawn.set(i, row);
          root.insertBefore(row, next);
        }
        next = row;
        row.style.transform = "translateY(" + (list.offsets[i] + v.shift) + "px)";
        row.classList.toggle("at", i === list.at);
      }
    }
    for (const [i, row] of list.drawn) {
      if (!keep.has(i)) {
        row.remove();
        list.drawn.delete(i);
      }
    }
    if (list.drawn.has(list.at)) grid.setAttribute("aria-activedescendant", "row-" + list.at);
    else grid.removeAttribute("aria-activedescendant");
  }
  list.schedule = function () {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(paint);
    }
  };
  // show takes new items; the row that the keyboard was on stays where it can.
  list.show = function (items, at) {
    list.items = items;
    for (const row of list.drawn.values()) row.remove();
    list.drawn.clear();
    list.at = Math.min(at, items.length - 1);
    grid.setAttribute("aria-rowcount", String(items.length + (head.hidden ? 0 : 1)));
    measure();
    paint();
  };
  list.redraw = function () {
    list.show(list.items, list.at);
  };
  // go moves the keyboard to an item and brings it into view.
  list.go = function (i) {
    if (!list.items.length) return;
    list.at = Math.max(0, Math.min(i, list.items.length - 1));
    const covered = parseFloat(getComputedStyle(root).getPropertyValue("--covered")) || 0;
    const v = view(), top = list.offsets[list.at], bottom = list.offsets[list.at + 1];
    const start = root.getBoundingClientRect().top + window.scrollY;
    const squeeze = list.height > TALLEST ? (TALLEST - v.seen) / (list.height - v.seen) : 1;
    const screenTop = root.getBoundingClientRect().top + v.shift + top;
    if (screenTop < covered) window.scrollTo(0, start + top * squeeze - covered);
    else if (screenTop + bottom - top > v.seen) window.scrollTo(0, start + (bottom - v.seen) * squeeze + (squeeze < 1 ? 1 : 8));
    paint();
  };
  list.page = () => Math.max(1, Math.floor(window.innerHeight / rowHeight) - 3);
  window.addEventListener("scroll", list.schedule, { passive: true });
  window.addEventListener("resize", () => { measure(); list.schedule(); });
  return list;
}
