// Copy buttons of server-rendered blocks.

/** Brings all copy buttons to life. */
export function mountCopyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
    const code = button.closest(".code")?.querySelector("code");
    if (!code) continue;
    button.hidden = false;
    button.addEventListener("click", () => void copy(button, code));
  }
}

async function copy(button: HTMLButtonElement, code: HTMLElement): Promise<void> {
  const done = await write(code);
  button.textContent = done ? "Copied" : "Select and press Ctrl-C";
  button.dataset.state = done ? "done" : "failed";
  setTimeout(() => {
    button.textContent = "Copy";
    delete button.dataset.state;
  }, 1600);
}

/** The clipboard interface needs HTTPS or loopback; elsewhere the old command still works. */
async function write(code: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    return true;
  } catch {
    const selection = getSelection();
    selection?.selectAllChildren(code);
    return document.execCommand("copy");
  }
}
