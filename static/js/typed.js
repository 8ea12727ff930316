// What was typed and not sent: a browser brings it back on Back, but not once the page is closed, so it asks before
// that. What it brings back where a part of the form is folded away is unfolded.
{
  const GUARDED = 'form.form[method="post"]:not(:has([type=password]))';
  let typed = false, goes = false;

  const differs = (control) =>
    control.matches("select")
      ? control.value && !control.selectedOptions[0]?.defaultSelected
      : control.value !== control.defaultValue;

  addEventListener("input", ({ target }) => (typed ||= Boolean(target.form?.matches(GUARDED))));
  addEventListener("submit", () => (typed = false));
  addEventListener("click", ({ target }) => {
    goes = Boolean(target.closest("a[href]")); // from there one comes back
    setTimeout(() => (goes = false), 1000);
  });
  addEventListener("beforeunload", (event) => typed && !goes && event.preventDefault());
  addEventListener("pageshow", () => {
    for (const fold of document.querySelectorAll("details.fold"))
      fold.open ||= [...fold.querySelectorAll("input:not([type=hidden]), select, textarea")].some(differs);
  });
}
