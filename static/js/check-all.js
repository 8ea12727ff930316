// One box in the heading ticks all boxes of its name in the form, which are told of it as of a click.
{
  const boxesOf = (all) => all.form.querySelectorAll(`[type=checkbox][name="${all.dataset.checkAll}"]`);
  const count = (all) => {
    const boxes = [...boxesOf(all)];
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  const countAll = () => document.querySelectorAll("[data-check-all]").forEach(count);

  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-check-all]")) boxesOf(target).forEach((box) => (box.checked = target.checked));
    else countAll();
  });
  addEventListener("pageshow", countAll);
}
