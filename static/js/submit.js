// A second click on a button does not send its form twice. The button keeps its focus, and works again
// when the page is come back to, or when nothing has happened for a while.
{
  const sendAgain = (form) => delete form.dataset.sent;

  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if ("sent" in form.dataset) return event.preventDefault();
    form.dataset.sent = "";
    setTimeout(sendAgain, 10_000, form);
  });
  addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach(sendAgain));
}
