// "3 minutes ago" goes on ageing while the page is open. data-ago holds the seconds at the time of rendering,
// so the reader's clock is not asked. Older than a day, the server's own words stay.
{
  const say = (count, unit) => `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  const age = () => {
    for (const time of document.querySelectorAll("[data-ago]")) {
      const minutes = Math.floor((Number(time.dataset.ago) + performance.now() / 1000) / 60);
      if (minutes < 1) time.textContent = "just now";
      else if (minutes < 60) time.textContent = say(minutes, "minute");
      else if (minutes < 24 * 60) time.textContent = say(Math.floor(minutes / 60), "hour");
    }
  };
  setInterval(age, 30_000);
}
