// A short message at the edge of the page that goes by itself; read out by screen readers.

const SHOWN_MS = 3500;

export function toast(text: string, state: "done" | "failed" = "done"): void {
  let host = document.querySelector<HTMLElement>(".toasts");
  if (!host) {
    host = document.createElement("div");
    host.className = "toasts";
    host.setAttribute("role", "status");
    document.body.append(host);
  }
  const one = document.createElement("p");
  one.className = "toast";
  one.dataset.state = state;
  one.textContent = text;
  host.append(one);
  setTimeout(() => one.remove(), state === "failed" ? 2 * SHOWN_MS : SHOWN_MS);
}
