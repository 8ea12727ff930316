// A form that came back with mistakes starts at the list of them.
{
  document.querySelector("[data-focus]")?.focus();
}
