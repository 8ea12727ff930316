// What is ticked in the list is kept by the server at once, so that it outlives the page; without the script,
// the buttons that lead on send the form. A tick that could not be kept sends it too: the page that comes says why.
{
  let sending = null;

  const send = async (form) => {
    const boxes = [...form.querySelectorAll("[name=pet]")].filter((box) => box.checked !== box.defaultChecked);
    if (!boxes.length) return;
    const sent = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    sent.set("shown", boxes.map((box) => box.value.split(".")[0]).join(" "));
    for (const box of boxes) {
      if (box.checked) sent.append("pet", box.value);
      box.defaultChecked = box.checked;
    }
    const answer = await fetch(form.action, { method: "POST", body: sent, keepalive: true }).catch(() => null);
    if (!answer?.ok || answer.redirected) return form.requestSubmit();
    const count = await answer.text();
    const shown = document.querySelector("[data-count]"); // of the list as it stands by now
    if (shown) shown.textContent = count;
    shown?.closest(".bulk").classList.toggle("bulk--some", count !== "0");
  };
  const keep = () => {
    const form = document.getElementById("choose");
    if (!form) return;
    const turn = (sending ?? Promise.resolve()).then(() => send(form));
    sending = turn;
    turn.finally(() => sending === turn && (sending = null));
  };

  document.addEventListener("change", ({ target }) => target.form?.id === "choose" && keep());
  addEventListener("pageshow", keep); // a browser that comes back to a page may know of further ticks
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!sending || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    sending.finally(() => (location.href = link.href));
  });
}
