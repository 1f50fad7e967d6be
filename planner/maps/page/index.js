/* The other language, without a reload. */
"use strict";
/** @type {HTMLElement} */ (document.getElementById("language")).addEventListener("click", () => {
  const root = document.documentElement;
  root.lang = root.lang === "vi" ? "en" : "vi";
});
