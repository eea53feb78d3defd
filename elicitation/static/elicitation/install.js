// A number that this browser makes once, so that one phone in two seats can be told from two.
"use strict";

function installNumber() {
  try {
    let number = localStorage.getItem("folkmoot-install");
    if (!number) {
      number = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
      localStorage.setItem("folkmoot-install", number);
    }
    return number;
  } catch {
    return ""; // Storage is off: the seat works without.
  }
}

document.querySelectorAll("input[name=install]").forEach((input) => { input.value = installNumber(); });
