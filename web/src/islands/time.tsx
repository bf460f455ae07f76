// The time picker in the top bar: one for all pages.
import { useEffect, useRef, useState } from "preact/hooks";
import { describe, isRelative, parseRangeText, QUICK } from "../data/time_range";
import { copyText } from "../parts/clipboard";
import { Icon } from "../parts/icon";
import { now, refresh, setLive, setRange, setUsual, setZone, sharedUrl, shift, useTime, zoomOut } from "../state/time";

const MORE: readonly [string, string][] = [["30m", "30 minutes"], ["3h", "3 hours"], ["12h", "12 hours"], ["2d", "2 days"], ["30d", "30 days"]];

/** `usual`: what holds when the address says nothing, such as `now-6h`. */
export function TimePicker({ usual, hasLive = true }: { usual?: string; hasLive?: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const { range, zone, isLive } = useTime();
  useEffect(() => {
    if (usual) setUsual({ from: usual, to: "now" });
  }, []);
  useEffect(() => {
    const away = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const open = (): void => setOpen(true);
    document.addEventListener("pointerdown", away);
    document.addEventListener("open-time", open); // the shortcut `t`
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("open-time", open);
    };
  }, []);
  const close = (): void => {
    setOpen(false);
    root.current?.querySelector<HTMLElement>(".time-button")?.focus();
  };
  return (
    <div class="time" ref={root} onKeyDown={(event) => event.key === "Escape" && isOpen && (event.stopPropagation(), close())}>
      <button type="button" class="tool time-shift" aria-label="Half a window back" title="Half a window back (←)" onClick={() => shift(-0.5)}>
        <Icon name="left" />
      </button>
      <button type="button" class="tool time-button" aria-expanded={isOpen} aria-haspopup="dialog" title="Time window (t)" onClick={() => setOpen(!isOpen)}>
        <Icon name="clock" />
        <span class="time-text">{describe(range, now(), zone)}</span>
        {zone === "utc" ? <span class="time-zone">UTC</span> : null}
      </button>
      <button type="button" class="tool time-shift" aria-label="Half a window forward" title="Half a window forward (→)" onClick={() => shift(0.5)}>
        <Icon name="right" />
      </button>
      <button type="button" class="tool" aria-label="Refresh" title="Refresh (r)" onClick={refresh}>
        <Icon name="refresh" />
      </button>
      {hasLive && isRelative(range) ? (
        <button type="button" class="tool live-button" aria-pressed={isLive} title="Refresh by itself every 5 s (l)" onClick={() => setLive(!isLive)}>
          <span class="live-dot" aria-hidden="true" />
          Live
        </button>
      ) : null}
      {isOpen ? <Drop onDone={close} /> : null}
    </div>
  );
}

function Drop({ onDone }: { onDone: () => void }) {
  const { range, zone } = useTime();
  const [text, setText] = useState("");
  const [isWrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const choose = (from: string): void => {
    setRange({ from: `now-${from}`, to: "now" });
    onDone();
  };
  const apply = (event: Event): void => {
    event.preventDefault();
    const found = parseRangeText(text, now(), zone);
    setWrong(!found);
    if (!found) return;
    setRange(found);
    onDone();
  };
  return (
    <div class="time-drop" role="dialog" aria-label="Time window">
      <form onSubmit={apply}>
        <label for="time-input">From, or from and to</label>
        <div class="time-row">
          <input id="time-input" ref={input} class="input" value={text} placeholder={`${range.from} to ${range.to}`} autocomplete="off" spellcheck={false} aria-invalid={isWrong} aria-describedby="time-help" onInput={(event) => setText(event.currentTarget.value)} />
          <button class="button">Apply</button>
        </div>
        <p id="time-help" class={isWrong ? "time-help wrong" : "time-help"} role={isWrong ? "alert" : undefined}>
          {isWrong ? "No window: " : ""}3h · now-7d to now-1d · 2026-01-31 12:00 to 13:00
        </p>
      </form>
      <div class="time-quick" role="group" aria-label="The last">
        {[...QUICK, ...MORE].sort((a, b) => length(a[0]) - length(b[0])).map(([name, words]) => (
          <button key={name} type="button" aria-pressed={range.from === `now-${name}` && range.to === "now"} onClick={() => choose(name)}>
            {words}
          </button>
        ))}
      </div>
      <div class="time-foot">
        <button type="button" class="tool quiet" onClick={() => setZone(zone === "utc" ? "local" : "utc")}>
          {zone === "utc" ? "Show local time" : "Show UTC"}
        </button>
        <button type="button" class="tool quiet" onClick={zoomOut}>
          Zoom out
        </button>
        <button type="button" class="tool quiet" onClick={() => void copyText(sharedUrl(), "link with this window")}>
          <Icon name="link" />
          Copy link
        </button>
      </div>
    </div>
  );
}

function length(text: string): number {
  return Number.parseInt(text, 10) * ({ m: 1, h: 60, d: 1440 }[text.slice(-1)] ?? 1);
}
