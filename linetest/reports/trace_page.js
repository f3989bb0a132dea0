"use strict";
// Zoom and move in the traces of this page. The picture is complete without it; it asks nobody for anything.
for (const figure of document.querySelectorAll("figure.trace")) {
  const picture = figure.querySelector(".trace-picture"), plot = picture.querySelector(".plot");
  const numbers = text => text.split(" ").map(Number);
  const home = numbers(picture.dataset.view), whole = numbers(picture.dataset.whole);
  const [left, right, top, bottom, lanes] = numbers(picture.dataset.frame);
  const reach = home.map((value, i) => (i % 2 ? Math.max : Math.min)(value, whole[i]));
  const smallest = [Math.max((reach[1] - reach[0]) * 1e-4, 1), 0.05];
  let view = home.slice(), width = 900, height = 430;
  const make = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const put = (element, attributes) => { for (const key in attributes) element.setAttribute(key, attributes[key]); };
  const across = x => left + (x - view[0]) / (view[1] - view[0]) * (width - left - right);
  const down = y => top + (y - view[2]) / (view[3] - view[2]) * (height - top - bottom);
  const inside = x => x >= left - 0.5 && x <= width - right + 0.5;

  const ticks = (low, high, most) => {
    const raw = (high - low) / Math.max(most, 2), power = 10 ** Math.floor(Math.log10(raw));
    const step = power * [1, 2, 5, 10].find(factor => factor * power >= raw), found = [];
    for (let n = Math.ceil(low / step); n * step <= high; n++) found.push(n * step);
    return found;
  };
  const drawGrid = () => {
    const km = view[1] - view[0] >= 2000, grid = picture.querySelector(".grid"), parts = [];
    const label = value => String(+value.toPrecision(7));
    for (const y of ticks(view[2], view[3], (height - top - bottom) / 55)) {
      parts.push(make("line", {x1: left, x2: width - right, y1: down(y), y2: down(y)}));
      parts.push(make("text", {class: "y", x: left - 6, y: down(y) + 4}, label(-y)));
    }
    for (const x of ticks(view[0], view[1], (width - left - right) / 90)) {
      parts.push(make("line", {x1: across(x), x2: across(x), y1: top, y2: height - bottom}));
      parts.push(make("text", {class: "x", x: across(x), y: height - bottom + 16}, label(km ? x / 1000 : x)));
    }
    parts.push(make("text", {class: "unit", x: width - right, y: height - 5}, km ? "km" : "m"));
    grid.replaceChildren(...parts);
  };
  const drawMarkers = () => {
    const free = Array(lanes).fill(-Infinity);
    for (const marker of picture.querySelectorAll(".markers > g")) {
      const [x, y] = numbers(marker.dataset.at).map((value, i) => i ? down(value) : across(value));
      marker.setAttribute("visibility", inside(x) ? "visible" : "hidden");
      if (!inside(x)) continue;
      let lane = free.findIndex(end => end <= x);
      if (lane < 0) lane = lanes - 1;
      free[lane] = x + 22;
      const at = top - 10 - 19 * lane, foot = Math.min(Math.max(y, top), height - bottom);
      put(marker.querySelector("line"), {x1: x, x2: x, y1: at, y2: foot});
      put(marker.querySelector("circle"), {cx: x, cy: foot});
      put(marker.querySelector("rect"), {x: x - 10, y: at - 9});
      put(marker.querySelector("text"), {x: x, y: at + 4});
    }
    for (const text of picture.querySelectorAll(".sections text")) {
      const [x0, x1] = numbers(text.dataset.ends).map(across);
      const [a, b] = [Math.max(x0, left), Math.min(x1, width - right)];
      put(text, {x: (a + b) / 2, y: height - bottom - 6, visibility: b - a < 46 ? "hidden" : "visible"});
    }
  };
  const draw = () => {
    const size = {x: left, y: top, width: width - left - right, height: height - top - bottom};
    put(picture, {viewBox: `0 0 ${width} ${height}`});
    put(plot, {...size, viewBox: `${view[0]} ${view[2]} ${view[1] - view[0]} ${view[3] - view[2]}`});
    put(picture.querySelector(".border"), size);
    put(picture.querySelector(".axis"), {x: left, y: height - 5});
    put(picture.querySelector(".readout"), {x: width - right - 8, y: top + 18});
    picture.classList.toggle("zoomed", view.some((value, i) => value !== home[i]));
    drawGrid();
    drawMarkers();
  };
  // Keep the view inside of the samples, and not smaller than anything can be seen in.
  const look = (x0, x1, y0, y1) => {
    const wanted = [x0, x1, y0, y1];
    for (const i of [0, 2]) {
      const span = Math.min(Math.max(wanted[i + 1] - wanted[i], smallest[i / 2]), reach[i + 1] - reach[i]);
      const middle = (wanted[i] + wanted[i + 1]) / 2;
      const start = Math.min(Math.max(middle - span / 2, reach[i]), reach[i + 1] - span);
      view[i] = start;
      view[i + 1] = start + span;
    }
    draw();
  };
  const zoom = (by, x, y, onlyAcross) => look(
    x - (x - view[0]) * by, x + (view[1] - x) * by,
    onlyAcross ? view[2] : y - (y - view[2]) * by, onlyAcross ? view[3] : y + (view[3] - y) * by);
  const zoomMiddle = by => zoom(by, (view[0] + view[1]) / 2, (view[2] + view[3]) / 2);
  const move = (x, y) => look(view[0] + x * (view[1] - view[0]), view[1] + x * (view[1] - view[0]),
    view[2] + y * (view[3] - view[2]), view[3] + y * (view[3] - view[2]));
  const all = () => { view = home.slice(); draw(); };
  // Where the pointer is, in metres and dB.
  const place = event => {
    const box = picture.getBoundingClientRect(), scale = width / box.width;
    const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
    return [view[0] + (x - left) / (width - left - right) * (view[1] - view[0]),
      view[2] + (y - top) / (height - top - bottom) * (view[3] - view[2])];
  };

  picture.addEventListener("wheel", event => {
    const outAtHome = event.deltaY > 0 && !picture.classList.contains("zoomed");
    if (outAtHome || !event.deltaY) return;  // the page goes on scrolling
    event.preventDefault();
    if (event.deltaY > 0 && view[1] - view[0] > (home[1] - home[0]) / 1.3) return all();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, ...place(event), event.shiftKey);
  }, {passive: false});
  const pointers = new Map();
  picture.addEventListener("pointerdown", event => {
    pointers.set(event.pointerId, place(event));
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", event => {
    const [x, y] = place(event);
    picture.querySelector(".readout").textContent = `${x.toFixed(1)} m  ${(-y).toFixed(3)} dB`;
    if (!pointers.has(event.pointerId)) return;
    const [heldX, heldY] = pointers.get(event.pointerId);
    if (pointers.size === 1) return look(view[0] + heldX - x, view[1] + heldX - x, view[2] + heldY - y, view[3] + heldY - y);
    const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
    const by = Math.abs(heldX - other[0]) / Math.max(Math.abs(x - other[0]), 1e-9);
    zoom(Math.min(Math.max(by, 0.5), 2), ...other);
    pointers.set(event.pointerId, place(event));
  });
  for (const name of ["pointerup", "pointercancel"]) {
    picture.addEventListener(name, event => pointers.delete(event.pointerId));
  }
  picture.addEventListener("pointerleave", () => { picture.querySelector(".readout").textContent = ""; });
  picture.addEventListener("dblclick", all);
  const keys = {
    "+": () => zoomMiddle(0.8), "=": () => zoomMiddle(0.8), "-": () => zoomMiddle(1.25), "0": all, "Home": all,
    "ArrowLeft": () => move(-0.1, 0), "ArrowRight": () => move(0.1, 0),
    "ArrowUp": () => move(0, -0.1), "ArrowDown": () => move(0, 0.1),
  };
  picture.addEventListener("keydown", event => {
    if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  const tools = figure.querySelector(".trace-tools");
  const buttons = {in: () => zoomMiddle(0.5), out: () => zoomMiddle(2), all};
  tools.addEventListener("click", event => { buttons[event.target.dataset.do]?.(); });
  // On a phone the picture gets narrower, its letters stay as large as they are.
  const fit = () => {
    width = Math.min(Math.max(picture.parentElement.clientWidth, 300), 1100);
    height = width < 600 ? 340 : 430;
    draw();
  };
  tools.hidden = false;
  picture.tabIndex = 0;
  figure.classList.add("live");
  addEventListener("resize", fit);
  fit();
}
