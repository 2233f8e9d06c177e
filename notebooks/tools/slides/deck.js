// Fits each slide into 1280 × 720, then starts reveal.js. The font of a slide is as large as
// its content allows, between two sizes; pictures get the room that is left. Pictures that
// would come out small get slides of their own, and a slide with little on it goes on the one
// before, as a fragment.
"use strict";

const WIDTH = 1280, HEIGHT = 720;
const LARGEST = 32, SMALLEST = 21;
// A picture has its own text: it is not made smaller than it was drawn where that can be.
const LEAST_SCALE = 1, MOST_SCALE = 1.6;
// Slides are joined where their letters stay this large, and what comes takes no more than this.
const JOINED = 25, LITTLE = 0.35;

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

// Returns the size of its letters, the scale of its pictures and whether all is well.
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
      return { good, size, scale };
    }
  }
}

// A slide behind another one, with the same words above it.
function follow(slide) {
  const next = document.createElement("section");
  next.className = "leaf";
  const heading = slide.querySelector(":scope > .above, h1, h2, h3");
  if (heading) {
    const above = document.createElement("p");
    above.className = "above";
    above.textContent = heading.textContent;
    next.append(above);
  }
  slide.after(next);
  return next;
}

// Moves a part, and all that comes after it, to a slide behind.
function cut(slide, part) {
  const next = follow(slide);
  const after = node => node.nextSibling ? [node.nextSibling, ...after(node.nextSibling)] : [];
  const holder = [...slide.children].find(child => child.contains(part));
  const rest = after(holder);
  next.append(part, ...(holder === part ? [] : after(part)), ...rest);
  if (holder !== part && !holder.querySelector(".part")) holder.remove();
  return next;
}

// Gives pictures that are too small a slide of their own: what shows them, then each one,
// then what explains them, which nobody reads before the picture is seen.
function split(slide) {
  if (fit(slide).scale >= LEAST_SCALE) return;
  const parts = [...slide.querySelectorAll(".part")];
  const output = parts.find(part => part.matches(".output:has(img)"));
  if (output !== parts[0]) return split(cut(slide, output));
  if (parts.length > 1) {
    split(cut(slide, parts[1]));
    return split(slide);
  }
  const boxes = [...output.querySelectorAll("img")].map(picture => picture.closest("[style*=inline-block]"));
  if (boxes.length < 2 || output.querySelector("[data-slider]") || boxes.includes(null)) return;
  let last = slide;
  for (const box of boxes.slice(1)) {
    last = follow(last);
    const part = output.cloneNode(false), place = box.parentElement.cloneNode(false);
    // What is below the last picture stays with it.
    const moved = box === boxes.at(-1) ? [...box.parentElement.childNodes] : [box];
    place.append(...moved.slice(moved.indexOf(box)));
    part.append(place);
    last.append(part);
  }
}

// Puts a slide on the one before, where that one or this has little on it.
function join(slide) {
  const before = slide.previousElementSibling;
  const above = slide.querySelector(":scope > .above");
  if (!above || !before?.matches(".leaf") || before.querySelector("h1")) return;
  const parts = [...slide.querySelectorAll(".part")];
  const pictures = before.querySelectorAll("img").length;
  const asks = slide.querySelector(".predict") !== null;
  const shows = parts.every(part => part.matches(".output"));
  // A question, with its notes, goes below a heading; what is shown, below its code; and
  // the sentence that explains it, below both.
  const fits = asks || shows
    ? !pictures && little(before)
    : !slide.querySelector("img, .fragment") && little(slide);
  if (!fits) return;
  const { scale, size } = fit(before);
  const moved = asks ? [...slide.children].filter(each => each !== above) : parts;
  const fragment = document.createElement("div");
  fragment.className = "fragment";
  fragment.append(...moved);
  before.append(fragment);
  const both = fit(before);
  // Where its letters are small already, they need not get larger; and a picture that is
  // there stays about as large as it is.
  const least = Math.min(JOINED, size - 1);
  if (both.good && both.size >= least && (!pictures || both.scale >= Math.min(scale, 1.15))) {
    slide.remove();
  } else {
    slide.append(...moved);
    fragment.remove();
    [before, slide].forEach(fit);
  }
}

// Whether a slide, in the letters that fit it, is empty for the most part.
function little(slide) {
  const ends = [...slide.querySelectorAll(".part")].map(part => contentBottom(part, slide));
  return Math.max(...ends) <= LITTLE * HEIGHT;
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
  const all = () => document.querySelectorAll("section.leaf");
  all().forEach(split);
  all().forEach(fit);
  all().forEach(join);
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
