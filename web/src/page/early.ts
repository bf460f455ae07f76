// Runs before the first paint: a theme chosen earlier wins over the system's.
const stored = localStorage.getItem("theme");
if (stored === "dark" || stored === "light") document.documentElement.dataset.theme = stored;
