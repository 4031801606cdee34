"use strict";
const show = document.getElementById("show");
const said = document.getElementById("said");

for (const button of document.querySelectorAll("[data-copies]")) {
  const before = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = before; }, 2000);
  });
}

if (show) {
  document.querySelector(".controls").addEventListener("change", ({ target }) => {
    if (target.name === "width") show.classList.toggle("phone", target.value === "phone");
    if (target.name === "board") show.querySelector("ambassade-leaderboard").setAttribute("board", target.value);
    if (target.name === "theme") {
      for (const each of show.children) {
        if (target.value === "auto") each.removeAttribute("theme");
        else each.setAttribute("theme", target.value);
      }
    }
  });
  const tell = (words) => () => {
    said.textContent = `${words} · ${new Date().toLocaleTimeString(document.documentElement.lang)}`;
  };
  show.addEventListener("ambassade-ready", tell(said.dataset.ready));
  show.addEventListener("ambassade-update", tell(said.dataset.update));
}
