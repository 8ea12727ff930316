// Keys for the hand that does not leave the keyboard: see the answer "keys" of the help page, which tells them.
// Never in a field, never with Ctrl, Alt or Meta; and a person can turn them off, for one who speaks to their browser
// types letters without meaning to.
{
  const OFF = "keys-off";
  const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog *";
  const root = document.querySelector(".brand")?.href ?? "/";
  const edits = document.querySelector("[data-edits]");
  const GO = { h: "history", p: "pets/", ...(edits && { d: "draft" }) };
  const ROWS = ".table--pets tbody tr";
  let began = 0; // when "g" was pressed

  const isOff = () => {
    try {
      return localStorage.getItem(OFF) !== null;
    } catch {
      return false; // a browser that keeps nothing
    }
  };
  const rowOf = (node) => node.closest?.(ROWS);
  const step = (by) => {
    const rows = [...document.querySelectorAll(ROWS)];
    const here = rows.indexOf(rowOf(document.activeElement));
    if (rows.length) return rows[here < 0 ? 0 : here + by]?.querySelector("th a").focus();
    document.querySelector(`.results [rel=${by > 0 ? "next" : "prev"}]`)?.click();
  };
  const search = () => {
    const field = document.getElementById("q");
    if (!field) return location.assign(`${root}pets/#q`);
    field.focus();
    field.select();
  };
  const show = async () => {
    const address = `${root}help`;
    const answer = await fetch(address).catch(() => null);
    const page = new DOMParser().parseFromString((await answer?.text()) ?? "", "text/html");
    const told = page.getElementById("keys")?.closest("section");
    if (!told) return location.assign(`${address}#keys`);
    const dialog = document.createElement("dialog");
    dialog.className = "card card--padded";
    dialog.setAttribute("aria-labelledby", "keys-shown");
    told.querySelector("h2").id = "keys-shown";
    dialog.append(...told.children);
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    reveal(dialog);
    const close = dialog.querySelector("[data-closes]");
    close.hidden = false;
    close.autofocus = true;
    close.addEventListener("click", () => dialog.close());
    dialog.showModal();
  };
  const keys = {
    "/": search,
    "?": show,
    n: () => edits && location.assign(`${root}pets/new`),
    e: () => document.querySelector("[aria-keyshortcuts=e]")?.click(),
    j: () => step(1),
    k: () => step(-1),
    x: () => rowOf(document.activeElement)?.querySelector("[name=pet]")?.click(),
    g: () => (began = performance.now()),
  };

  // What turns the keys on and off works by this script alone, and so is hidden without it.
  const reveal = (part) => {
    for (const one of part.querySelectorAll("[data-keys]")) {
      one.hidden = false;
      const box = one.querySelector("input");
      box.checked = !isOff();
      box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
    }
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (target.matches(FIELDS) || document.querySelector("dialog[open]") || isOff()) return;
    const goes = performance.now() - began < 1000 ? GO[key] : undefined;
    const arrow = rowOf(target) && { ArrowDown: () => step(1), ArrowUp: () => step(-1) }[key];
    const does = goes ? () => location.assign(root + goes) : (arrow ?? keys[key]);
    began = 0;
    if (!does) return;
    event.preventDefault();
    does();
  });
  reveal(document);
  if (location.hash === "#q") search();
}
