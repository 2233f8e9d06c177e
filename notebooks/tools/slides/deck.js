// Fits each slide into 1280 × 720, then starts reveal.js. The font of a slide is as large as
// its content allows, between two sizes; pictures get the room that is left.
"use strict";

const WIDTH = 1280, HEIGHT = 720;
const LARGEST = 32, SMALLEST = 21;
// A picture has its own text: it is not made much smaller than it was drawn.
const LEAST_SCALE = 0.9, MOST_SCALE = 1.6;

// The number of columns, and the scale, at which pictures fill a place best.
function arrange(sizes, width, height, gap) {
  let best = { scale: 0, columns: 1 };
  for (let columns = 1; columns <= sizes.length; columns++) {
    const widest = Math.max(...sizes.map(size => size.width));
    let tall = 0, rows = 0;
    for (let at = 0; at < sizes.length; at += columns) {
      tall += Math.max(...sizes.slice(at, at + columns).map(size => size.height));
      rows += 1;
    }
    const across = (width - gap * (columns - 1)) / (widest * columns);
    const down = (height - gap * (rows - 1)) / tall;
    const scale = Math.min(across, down, MOST_SCALE);
    if (scale > best.scale) best = { scale, columns };
  }
  return best;
}

// What needs a place of its own: a picture, or all those of a slider together.
function places(pictures) {
  const together = new Map();
  for (const picture of pictures) {
    const key = picture.closest("[data-slider]") ?? picture;
    together.set(key, [...(together.get(key) ?? []), picture]);
  }
  return [...together.values()].map(each => ({
    width: Math.max(...each.map(picture => picture.naturalWidth)),
    height: Math.max(...each.map(picture => picture.naturalHeight)),
  }));
}

function fit(slide) {
  const pictures = [...slide.querySelectorAll(".output img")];
  for (let size = LARGEST; ; size--) {
    slide.style.fontSize = `${size}px`;
    for (const picture of pictures) picture.style.display = "none";
    const style = getComputedStyle(slide);
    const bottom = HEIGHT - parseFloat(style.paddingBottom);
    const inside = WIDTH - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const shown = [...slide.querySelectorAll(".part, .above")].filter(part => part.textContent.trim());
    const end = Math.max(0, ...shown.map(part => contentBottom(part, slide)));
    const room = bottom - end - 14;
    let good = end <= bottom && !wide(slide);
    let scale = 1;
    if (pictures.length) {
      scale = arrange(places(pictures), inside, Math.max(room, 1), 8).scale;
      good = good && scale >= LEAST_SCALE;
    }
    if (good || size === SMALLEST) {
      for (const picture of pictures) {
        picture.style.display = "";
        picture.style.width = `${Math.floor(picture.naturalWidth * scale)}px`;
      }
      return;
    }
  }
}

// Whether a line of code or a table is cut at its right end. A little is left over: letters
// may come out wider on a slide that is scaled.
function wide(slide) {
  const boxes = name => [...slide.querySelectorAll(`.part ${name}`)];
  return boxes("pre").some(pre => 1.02 * extent(pre).width > pre.clientWidth) ||
    boxes("table").some(table => table.offsetWidth > table.parentElement.clientWidth);
}

// Where the last line or box of a part ends, as seen from the top of its slide.
function contentBottom(part, slide) {
  return extent(part).bottom - slide.getBoundingClientRect().top;
}

// The place that the content of an element takes, also where it is cut.
function extent(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range.getBoundingClientRect();
}

async function start() {
  document.body.classList.add("measured");
  const pictures = [...document.querySelectorAll(".output img")];
  await Promise.all(pictures.map(picture => picture.decode().catch(() => {})));
  await MathJax.startup.promise;
  for (const slide of document.querySelectorAll("section.leaf")) fit(slide);
  document.body.classList.remove("measured");
  await Reveal.initialize({
    width: WIDTH, height: HEIGHT, margin: 0, center: false, hash: true,
    transition: "none", slideNumber: "c/t", plugins: [RevealNotes],
  });
  document.body.dataset.ready = "yes";
}

window.MathJax = {
  tex: { inlineMath: [["$", "$"], ["\\(", "\\)"]] },
  options: { enableMenu: false, skipHtmlTags: ["script", "style", "pre", "code", "textarea"] },
  svg: { fontCache: "local" },
  startup: { pageReady: () => MathJax.startup.defaultPageReady() },
};
window.addEventListener("load", start);
