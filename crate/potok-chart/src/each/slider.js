(function (key, label, names, others) {
  document.querySelectorAll("." + key + ":not([data-slider])").forEach(function (place) {
    place.setAttribute("data-slider", "");
    function make(tag, parent, style) {
      var made = parent.appendChild(document.createElement(tag));
      made.style.cssText = style;
      return made;
    }
    var stills = Array.from(place.children);
    var line = make("label", place, "display: flex; align-items: center; gap: 12px; padding: 6px 0");
    var name = make("span", line, "font-weight: bold");
    var slider = make("input", line, "width: 320px; max-width: 50%; margin: 0");
    var value = make("output", line, "font-weight: bold; font-variant-numeric: tabular-nums");
    var stage = make("div", place, "display: grid; justify-items: start");
    var frames = names.map(function (_, at) {
      var frame = make("div", stage, "grid-area: 1 / 1; min-width: 0");
      var still = stills.find(function (each) { return each.dataset.at === String(at); });
      if (still) {
        still.firstChild.style.display = "none";
        frame.appendChild(still);
      } else {
        frame.innerHTML = others[at];
      }
      return frame;
    });
    stills.forEach(function (each) {
      if (each.parentNode === place) { each.remove(); }
    });
    name.textContent = label;
    slider.type = "range";
    slider.min = 0;
    slider.max = names.length - 1;
    slider.step = 1;
    slider.value = 0;
    slider.setAttribute("data-lm-suppress-shortcuts", "true");
    function turn() {
      var now = Number(slider.value);
      frames.forEach(function (frame, at) {
        frame.style.visibility = at === now ? "" : "hidden";
      });
      value.textContent = names[now];
      slider.setAttribute("aria-valuetext", names[now]);
    }
    slider.addEventListener("input", turn);
    slider.addEventListener("keydown", function (event) { event.stopPropagation(); });
    place.addEventListener("toggle", function (event) {
      place.querySelectorAll("details").forEach(function (details) {
        if (details.open !== event.target.open) { details.open = event.target.open; }
      });
    }, true);
    turn();
  });
})
