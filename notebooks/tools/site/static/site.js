// What can be scrolled can be reached by the keyboard.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const boxes = 'pre, .table-wrapper, .output, .output [style*="overflow"]';
  for (const box of document.querySelectorAll(boxes))
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight)
      box.tabIndex = 0;

  // The page of the search keeps the question, and waits for one.
  const find = document.getElementById("find");
  if (!find) return;
  find.value = new URLSearchParams(location.search).get("q") ?? "";
  if (!find.value) find.focus();
});
