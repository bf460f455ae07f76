// The button that switches between light and dark. Choosing what the system says forgets the choice.

const dark = matchMedia("(prefers-color-scheme: dark)");

/** The theme in effect. */
export function currentTheme(): "dark" | "light" {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "dark" || chosen === "light") return chosen;
  return dark.matches ? "dark" : "light";
}

/** Calls back whenever colours change. */
export function onThemeChange(listener: () => void): () => void {
  const tell = (): void => listener();
  dark.addEventListener("change", tell);
  document.addEventListener("themechange", tell);
  return () => {
    dark.removeEventListener("change", tell);
    document.removeEventListener("themechange", tell);
  };
}

/** Brings the page's button to life. */
export function mountThemeToggle(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-theme-toggle]");
  if (!button) return;
  const label = (): void => button.setAttribute("aria-label", `Switch to ${currentTheme() === "dark" ? "light" : "dark"}`);
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    const wanted = currentTheme() === "dark" ? "light" : "dark";
    const isSystems = wanted === (dark.matches ? "dark" : "light");
    if (isSystems) {
      localStorage.removeItem("theme");
      delete document.documentElement.dataset.theme;
    } else {
      localStorage.setItem("theme", wanted);
      document.documentElement.dataset.theme = wanted;
    }
    label();
    document.dispatchEvent(new Event("themechange"));
  });
}
