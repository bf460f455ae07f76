// Items of a Markdown list that begin with `[ ]` become boxes to tick; ticks are kept in this browser.

export function mountTasks(): void {
  document.querySelectorAll<HTMLLIElement>(".markdown li").forEach((item, i) => {
    const host = item.firstElementChild?.tagName === "P" ? item.firstElementChild : item;
    const first = host.firstChild;
    const match = first?.nodeType === Node.TEXT_NODE ? /^\s*\[([ xX])\]\s+/.exec(first.textContent ?? "") : null;
    if (!match || !first) return;
    first.textContent = (first.textContent ?? "").slice(match[0].length);
    const key = `task:${location.pathname}:${i}:${(item.textContent ?? "").slice(0, 60)}`;
    const label = document.createElement("label");
    label.className = "task";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = match[1] !== " " || localStorage.getItem(key) !== null;
    box.addEventListener("change", () => (box.checked ? localStorage.setItem(key, "1") : localStorage.removeItem(key)));
    label.append(box, ...(host === item ? [...item.childNodes].filter((node) => !(node instanceof HTMLElement && /^(UL|OL|DIV|PRE)$/.test(node.tagName))) : [...host.childNodes]));
    host.prepend(label);
  });
}
