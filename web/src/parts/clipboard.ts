// Text to the clipboard, told in a toast.
import { toast } from "./toast";

/** The clipboard interface needs HTTPS or loopback; elsewhere the old command still works. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Copied ${what}`);
    return;
  } catch {
    // falls through
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden-text";
  document.body.append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  toast(isDone ? `Copied ${what}` : `${what} could not be copied: the browser does not allow it here`, isDone ? "done" : "failed");
}
