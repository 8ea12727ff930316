// The list follows what is typed in its search. The newest answer wins, and the address asks for it; without the
// script, or on Enter, the form is sent. What is around the field is replaced, and never the field: caret and
// half-typed letters stay.
{
  const WAIT = 200; // milliseconds after the last key
  const said = document.createElement("p");
  let timer, asking;

  const nodesAround = (inner) => {
    const nodes = [...inner.parentNode.childNodes];
    return [nodes.slice(0, nodes.indexOf(inner)), nodes.slice(nodes.indexOf(inner) + 1)];
  };
  const replaceAround = (field, fresh) => {
    for (let here = field, there = fresh; here.id !== "main"; here = here.parentNode, there = there.parentNode) {
      const [before, after] = nodesAround(there);
      nodesAround(here).flat().forEach((node) => node.remove());
      here.before(...before);
      here.after(...after);
    }
  };
  // Whoever went on to a button or another field would lose it under their hands.
  const isElsewhere = (field) => {
    const main = document.getElementById("main");
    const here = document.activeElement;
    return here !== field && here !== main && main.contains(here);
  };
  const show = (page, field) => {
    const fresh = page.getElementById(field.id);
    const folds = field.form.querySelectorAll("details");
    fresh.form.querySelectorAll("details").forEach((fold, place) => (fold.open ||= folds[place]?.open));
    const told = [...page.querySelectorAll("[data-said], .head__sub")].map((node) => node.textContent);
    replaceAround(field, fresh);
    document.title = page.title;
    said.textContent = told.join(" ");
    dispatchEvent(new Event("pageshow")); // to those who count what is ticked
  };
  const ask = async (field) => {
    const typed = [...new FormData(field.form)].filter(([, value]) => value);
    const query = new URLSearchParams(typed).toString();
    const address = field.form.action + (query && `?${query}`);
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(address, { signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (signal.aborted || isElsewhere(field)) return;
      if (!page.getElementById(field.id)) return location.assign(address); // the session ended, or an error
      show(page, field);
      history.replaceState(history.state, "", address);
    } catch {
      // A newer one was asked for, or the network is gone: what is shown stays, and Enter tells.
    }
  };
  const stop = () => {
    clearTimeout(timer);
    asking?.abort();
  };
  const follow = ({ target, isComposing }) => {
    if (isComposing || !target.matches("[data-follow]")) return;
    stop();
    timer = setTimeout(ask, WAIT, target);
  };

  if (document.querySelector("[data-follow]")) {
    said.className = "unseen";
    said.setAttribute("role", "status");
    document.body.append(said);
    document.addEventListener("input", follow);
    document.addEventListener("compositionend", follow);
    document.addEventListener("submit", stop);
  }
}
