// Runs before the first paint: what was chosen earlier, so that nothing flickers.
for (const name of ["theme", "nav"]) {
  const chosen = localStorage.getItem(name);
  if (chosen) document.documentElement.dataset[name] = chosen;
}
