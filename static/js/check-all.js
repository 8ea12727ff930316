// One box in the heading ticks all boxes of its name in the form; without the script it stays hidden.
for (const all of document.querySelectorAll("[data-check-all]")) {
  const scope = all.form ?? document;
  const boxes = [...scope.querySelectorAll(`[type=checkbox][name="${all.dataset.checkAll}"]`)];
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };

  all.hidden = boxes.length === 0;
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  boxes.forEach((box) => box.addEventListener("change", count));
  addEventListener("pageshow", count);
}
