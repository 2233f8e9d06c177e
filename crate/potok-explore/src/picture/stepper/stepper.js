// A state is [values, turns, ending]; a turn is [lane, action, obstacle, way...]; a way is
// [choices, action, state]. Actions, choices and values are numbers of texts.
(function (key, words, ends, texts, lanes, columns, states) {
  const BUTTON = "font: inherit; color: inherit; background: transparent; border: 1px solid; " +
    "border-radius: 4px; padding: 4px 10px; margin: 2px 6px 2px 0; cursor: pointer; ";
  const CELL = "text-align: left; padding: 2px 12px 2px 6px; white-space: nowrap; ";

  // Whether every order from a state on goes wrong. What follows a state stands before it.
  const wrong = [];
  states.forEach(([, turns, ending], at) => {
    const next = turns.flatMap((turn) => turn.slice(3));
    wrong[at] = ending === undefined ? next.every((way) => wrong[way[2]]) : ends[ending][3];
  });

  document.querySelectorAll("." + key + ":not([data-steps])").forEach((place) => {
    function make(tag, parent, text, style) {
      const made = parent.appendChild(document.createElement(tag));
      made.textContent = text;
      made.style.cssText = style || "";
      return made;
    }
    function button(parent, text, press) {
      const made = make("button", parent, text, BUTTON);
      made.type = "button";
      made.addEventListener("click", press);
      return made;
    }
    place.setAttribute("data-steps", "");
    // No key that is pressed here is a command of the notebook.
    place.setAttribute("data-lm-suppress-shortcuts", "true");
    place.addEventListener("keydown", (event) => event.stopPropagation());
    const box = make("details", place, "", "padding: 6px 0");
    make("summary", box, words.title, "cursor: pointer; font-weight: bold");
    const next = make("div", box, "", "display: flex; flex-wrap: wrap; gap: 6px 18px; padding: 8px 0");
    const line = make("div", box, "", "display: flex; flex-wrap: wrap; align-items: center; gap: 6px");
    const back = button(line, words.back, () => go(path.slice(0, -1), back));
    const restart = button(line, words.restart, () => go(path.slice(0, 1), restart));
    const label = make("label", line, words.schedule + " ");
    const string = make("input", label, "", "font: inherit; font-family: monospace; color: inherit; " +
      "background: transparent; border: 1px solid; border-radius: 4px; padding: 4px 6px; width: 14em");
    string.readOnly = true;
    button(line, words.copy, () => {
      string.select();
      // A page that is not served over https has no other clipboard.
      if (document.execCommand("copy")) { told.textContent = words.copied + ": " + string.value; }
    });
    const told = make("div", box, "", "padding: 8px 0; min-height: 1.5em");
    told.setAttribute("role", "status");
    told.setAttribute("aria-live", "polite");
    const scroll = make("div", box, "", "max-height: 360px; overflow: auto");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "group");
    scroll.setAttribute("aria-label", words.taken);

    // The steps taken: [state, lane, action, choices], the start first.
    let path = [[states.length - 1]];

    function show() {
      const [values, turns, ending] = states[path[path.length - 1][0]];
      offer(turns);
      tell(values, ending);
      list();
      string.value = path.slice(1).map((step) => step[3]).join("");
      back.disabled = restart.disabled = path.length === 1;
    }

    // The button that was pressed, or a lane's, may be gone or of no use afterwards.
    function go(steps, pressed) {
      path = steps;
      show();
      const lane = next.children[pressed] || next;
      const able = (parent) => parent.querySelector("button:enabled");
      const focus = pressed.disabled === false ? pressed : able(lane) || able(next) || back;
      focus.focus({ preventScroll: true });
    }

    function offer(turns) {
      next.replaceChildren();
      lanes.forEach((name, lane) => {
        const slot = make("div", next, "", "min-width: 150px; min-height: 58px");
        make("div", slot, name, "font-weight: bold");
        turns.filter((turn) => turn[0] === lane).forEach(([, action, obstacle, ...ways]) => {
          function add(text, press) {
            const made = button(slot, text, press);
            made.setAttribute("aria-label", name + ": " + text);
            return made;
          }
          ways.forEach(([choices, result, to]) => {
            const text = texts[ways.length > 1 ? result : action];
            add(text, () => go(path.concat([[to, lane, texts[result], texts[choices]]]), lane));
          });
          if (!ways.length) {
            const made = add(texts[action] + " · " + words.obstacles[obstacle]);
            made.disabled = true;
            made.style.cssText += "border-style: dashed; cursor: default";
          }
        });
      });
    }

    function tell(values, ending) {
      const [, lane, action] = path[path.length - 1];
      const now = columns.map((name, at) => values[at] < 0 ? "" : name + ": " + texts[values[at]]);
      const step = lane === undefined ? words.choose : path.length - 1 + ". " + lanes[lane] + ": " + action;
      told.textContent = [step].concat(now.filter(Boolean)).join(" · ") + " ";
      if (ending !== undefined) {
        const [text, verdict, colour] = ends[ending];
        make("strong", told, text + " · " + verdict, "display: block; margin-top: 4px; " +
          "padding-left: 8px; border-left: 6px solid " + colour);
      }
    }

    function list() {
      scroll.replaceChildren();
      const table = make("table", scroll, "", "border-collapse: collapse; margin: 0");
      const head = make("tr", make("thead", table));
      [words.step].concat(lanes, columns).forEach((name) => {
        make("th", head, name, CELL).scope = "col";
      });
      const rows = make("tbody", table);
      path.forEach(([state, lane, action], at) => {
        const row = make("tr", rows);
        make("th", row, at || words.start, CELL + "font-weight: normal").scope = "row";
        lanes.forEach((_, each) => make("td", row, each === lane ? action : "", CELL));
        const before = at ? states[path[at - 1][0]][0] : states[state][0];
        states[state][0].forEach((value, each) => {
          const changed = value === before[each] ? "opacity: 0.75" : "font-weight: bold";
          make("td", row, value < 0 ? "" : texts[value], CELL + changed);
        });
        // The step after which nothing can be mended is framed, as in the picture.
        if (at && wrong[state] && !wrong[path[at - 1][0]]) {
          row.style.outline = "2px solid #D55E00";
          make("td", row, "◀ " + words.wrong, CELL + "font-weight: bold");
        }
      });
      scroll.scrollTop = scroll.scrollHeight;
    }

    show();
  });
})
