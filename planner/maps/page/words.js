/* Words and numbers: both languages travel in the page, and every text is set as text, never as markup. */
"use strict";

/** @typedef {Record<string, any>} Content */

/** @type {Content} What Python wrote: see planner/maps/board.py. */
const content = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("planner-data")).textContent || "{}");

/** @type {string} */
let language = content.language;

/**
 * Return the words for a key in the language in force; an unknown key, such as a new flag, is its own word.
 * @param {string} key
 * @param {Record<string, string>} [values]
 * @returns {string}
 */
function say(key, values) {
  const text = content.words[language][key];
  if (text === undefined) return key.slice(key.indexOf(".") + 1);
  return values ? text.replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => values[name]) : text;
}

/**
 * Return a code of a column in words that begin with a capital.
 * @param {string} column
 * @param {string | null} code
 * @returns {string}
 */
function sayCode(column, code) {
  const text = say(`${column}.${code === null ? "unknown" : code}`);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @type {Record<string, Intl.NumberFormat>} making one takes longer than using it a hundred times */
const formats = {};

/**
 * @param {number} value
 * @param {number} digits
 * @returns {string}
 */
function number(value, digits) {
  const key = `${language} ${digits}`;
  if (!formats[key]) formats[key] = new Intl.NumberFormat(language === "vi" ? "vi-VN" : "en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return formats[key].format(value);
}

/**
 * Return a value with its unit; null is said to be unknown, never shown as zero.
 * @param {number | null | undefined} value
 * @param {string} unit people, share, minutes, points or nothing
 * @returns {string}
 */
function quantity(value, unit) {
  if (value === null || value === undefined) return say("unknown");
  if (unit === "share") return `${number(value * 100, 1)} %`;
  if (unit === "points") return `${number(value, 1)} ${say("unit.points")}`;
  return `${number(value, 0)}${unit ? ` ${say(`unit.${unit}`)}` : ""}`;
}

/**
 * Return text as it is searched: without diacritics, with d for đ, in lower case.
 * @param {string} text
 * @returns {string}
 */
function fold(text) {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[đĐ]/g, "d")
    .toLowerCase();
}

/**
 * Make an element. Strings become text nodes.
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on` is a dictionary of listeners
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, /** @type {any} */ (listener));
    else if (name.startsWith("aria-")) node.setAttribute(name, String(value));
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}
