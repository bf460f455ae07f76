// At most so many requests at once: a dashboard of a hundred panels stays usable while it loads.

const MOST = 6;
let running = 0;
const waiting: (() => void)[] = [];

/** Runs `work` when there is room; one that is aborted while it waits never runs. */
export async function gated<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  if (running >= MOST) {
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => resolve();
      waiting.push(enter);
      signal.addEventListener("abort", () => {
        const at = waiting.indexOf(enter);
        if (at >= 0) waiting.splice(at, 1);
        reject(new DOMException("aborted", "AbortError"));
      });
    });
  }
  if (signal.aborted) {
    waiting.shift()?.(); // its place is the next one's
    signal.throwIfAborted();
  }
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
