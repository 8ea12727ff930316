// Beside the form of a pet stand those that it may be about already, as they are found while somebody types. The
// newest answer wins. Without the script they are told when the form is sent.
{
  const WAIT = 300; // milliseconds after the last key
  const place = document.querySelector("[data-duplicates]");
  const form = document.querySelector("form[data-asks-duplicates]");
  let timer, asking;

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const address = new URL(place.dataset.duplicates, location);
    for (const { name, value } of form.querySelectorAll("input:not([type=hidden]), select:not([hidden])"))
      if (value) address.searchParams.append(name, value);
    try {
      const answer = await fetch(address, { signal: asking.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...(page.getElementById(place.id)?.childNodes ?? []));
    } catch {
      // A newer one was asked for, or the network is gone: the server asks once more when the form is sent.
    }
  };

  if (place && form) {
    form.addEventListener("input", ({ target }) => {
      if (target.matches("textarea")) return;
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    addEventListener("pageshow", () => form.querySelector("[name=name]")?.value && ask()); // as after going Back
  }
}
