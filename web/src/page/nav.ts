// The side navigation: a drawer on narrow screens, small on request on wide ones.

export function mountNav(): void {
  const root = document.documentElement;
  const side = document.querySelector<HTMLElement>("#side");
  const open = document.querySelector<HTMLElement>("[data-nav-open]");
  if (!side || !open) return;
  const setOpen = (isOpen: boolean): void => {
    root.toggleAttribute("data-nav-shown", isOpen);
    open.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) side.querySelector<HTMLElement>("a")?.focus();
  };
  open.addEventListener("click", (event) => {
    event.preventDefault();
    setOpen(!root.hasAttribute("data-nav-shown"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !root.hasAttribute("data-nav-shown")) return;
    setOpen(false);
    open.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    const target = event.target as Node;
    if (root.hasAttribute("data-nav-shown") && !side.contains(target) && !open.contains(target)) setOpen(false);
  });
  const size = document.querySelector<HTMLButtonElement>("[data-nav-size]");
  if (!size) return;
  size.hidden = false;
  const label = (): void => {
    const isSmall = root.dataset.nav === "small";
    size.setAttribute("aria-label", isSmall ? "Show names in the navigation" : "Show only icons in the navigation");
  };
  label();
  size.addEventListener("click", () => {
    const isSmall = root.dataset.nav !== "small";
    if (isSmall) root.dataset.nav = "small";
    else delete root.dataset.nav;
    localStorage.setItem("nav", isSmall ? "small" : "");
    label();
  });
}
