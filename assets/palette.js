// The command palette: opens by Ctrl/Cmd K, moves the selection, filters pages and actions, keeps what was opened.
(() => {
  const KEPT = 6;
  const store = "palette-recent";
  const dialog = () => document.querySelector("dialog.palette");
  const input = () => dialog().querySelector(".palette-input");
  const options = () =>
    [...dialog().querySelectorAll("[role=option]")]
      .filter((one) => one.offsetParent !== null)
      .sort((one, other) => one.offsetTop - other.offsetTop);
  let watch = null;

  // --- what was opened lately, per person and in this browser only; the login page forgets it
  const recent = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(store) || "{}");
      return kept.user === dialog().dataset.user ? kept.items : [];
    } catch {
      return [];
    }
  };
  const keep = (option) => {
    const href = option.getAttribute("href");
    if (!href || !option.id.startsWith("found-")) return;
    const text = (name) => option.querySelector(`.palette-${name}`)?.textContent || "";
    const items = [{ href, title: text("title"), note: text("note") }];
    for (const item of recent()) if (item.href !== href) items.push(item);
    const user = dialog().dataset.user;
    localStorage.setItem(store, JSON.stringify({ user, items: items.slice(0, KEPT) }));
  };
  const drawRecent = () => {
    const place = dialog().querySelector("[data-options=recent]");
    place.replaceChildren(
      ...recent().map((item, index) => {
        const option = document.createElement("div");
        option.className = "palette-option";
        option.id = `palette-recent-${index}`;
        option.setAttribute("role", "option");
        option.dataset.href = item.href;
        for (const name of ["title", "note"]) {
          const part = document.createElement("span");
          part.className = `palette-${name}`;
          part.textContent = item[name];
          option.append(part);
        }
        return option;
      }),
    );
  };

  // --- selection
  const select = (option) => {
    for (const one of dialog().querySelectorAll("[aria-selected=true]")) one.setAttribute("aria-selected", "false");
    if (!option) return input().removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    input().setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const selected = () => dialog().querySelector("[role=option][aria-selected=true]");
  const move = (step) => {
    const shown = options();
    if (!shown.length) return;
    const at = shown.indexOf(selected());
    select(shown[(at + step + shown.length) % shown.length]);
  };

  // --- filter
  const refresh = () => {
    const box = dialog();
    const word = input().value.trim().toLowerCase();
    const found = box.querySelector(".palette-found");
    const isCurrent = word !== "" && found.dataset.for.toLowerCase() === word;
    found.hidden = word === "";
    box.querySelector(".palette-recent").hidden = word !== "" || !recent().length;
    for (const option of box.querySelectorAll("[data-words]"))
      option.hidden = word !== "" && !option.dataset.words.includes(word);
    for (const group of box.querySelectorAll(".palette-pages, .palette-actions"))
      group.hidden = !group.querySelector("[data-words]:not([hidden])");
    // a page whose name or initials begin with the word stands before parts of names
    const begins = (option) => ` ${option.dataset.words}`.includes(` ${word}`);
    const isPage = word !== "" && [...box.querySelectorAll(".palette-pages [data-words]:not([hidden])")].some(begins);
    box.querySelector(".palette-list").classList.toggle("pages-first", isPage);
    const shown = options();
    box.querySelector(".palette-nothing").hidden = shown.length > 0 || !isCurrent;
    box.classList.toggle("waiting", word !== "" && !isCurrent);
    if (!shown.includes(selected())) select(shown[0]);
  };

  // --- open and close; the browser traps the focus and gives it back
  const open = () => {
    const box = dialog();
    if (!box || box.open) return;
    drawRecent();
    box.showModal();
    input().select();
    select(null);
    watch = new MutationObserver(() => { select(null); refresh(); });
    watch.observe(box.querySelector(".palette-found"), { childList: true, subtree: true, attributeFilter: ["data-for"] });
    refresh();
  };
  const close = () => {
    watch?.disconnect();
    dialog()?.close();
  };
  const take = (option) => {
    if (!option) return;
    keep(option);
    close();
    if (option.dataset.press) document.querySelector(option.dataset.press)?.click();
    else if (option.dataset.href) location.assign(option.dataset.href);
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      if (!dialog()) return;
      event.preventDefault();
      if (dialog().open) close();
      else open();
      return;
    }
    if (!dialog()?.open || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && event.target === input()) {
      event.preventDefault();
      const option = selected();
      if (!option || dialog().classList.contains("waiting")) return;
      if (option.hasAttribute("href")) option.click();
      else take(option);
    }
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches?.(".palette-input")) refresh();
  });
  document.addEventListener("click", (event) => {
    const control = event.target.closest?.("[data-palette]");
    if (control) return control.dataset.palette === "open" ? open() : close();
    const option = event.target.closest?.("dialog.palette [role=option]");
    if (option) return option.hasAttribute("href") ? (keep(option), close()) : take(option);
    if (event.target === dialog()) close();
  });
  document.addEventListener("mousemove", (event) => {
    const option = event.target.closest?.("dialog.palette [role=option]");
    if (option && option !== selected()) select(option);
  });

  if (location.pathname.startsWith("/login")) localStorage.removeItem(store);
  const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
  if (isApple) document.documentElement.classList.add("apple");
})();
