// A live chart of one metric. Its state is the page's address.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { draw, type Drawing } from "../data/chart";
import { ago, clock } from "../data/format";
import { overview, reason } from "../data/overview";
import { type ChartState, type Mode, parseState, preferred, printRange, printState, RANGES } from "../data/url";
import { FEW_KEYS } from "../data/series";
import type { Frame } from "../plot/model";
import { TimeChart } from "../plot/time_chart";
import { useOverview } from "./hooks";
import { Picker } from "./picker";

const EVERY_MS = 5000;

export function Chart() {
  const { snapshot } = useOverview();
  const [state, change] = useAddress();
  const [first, setFirst] = useState("");
  const metric = state.metric || first;
  // The page's own choice stays once made, though better candidates may come in later.
  if (!first && snapshot.metrics.length) setFirst(preferred(snapshot.metrics));
  const { drawing, error, loadedAt } = useDrawing(metric, state);

  if (!metric) return <p class="empty">No metrics yet. The first ones draw themselves here.</p>;
  const shown = drawing?.metric === metric ? drawing : null;
  return (
    <>
      <div class="chart-head">
        <Picker names={snapshot.metrics} value={metric} onChoose={(name) => change({ metric: name })} />
        <span class="chart-what">{shown?.isRate ? "per second" : ""}</span>
        <span class="spacer" />
        <Choice name="Shown as" options={MODES} value={state.mode === "auto" ? (shown?.isRate ? "rate" : "value") : state.mode} onChoose={(mode) => change({ mode: mode as Mode })} />
        <Choice name="Time range" options={RANGES.map(([text]) => [text, text])} value={state.end === null ? printRange(state.range) : ""} onChoose={(text) => change({ range: RANGES.find(([name]) => name === text)?.[1] ?? 900, end: null })} />
      </div>
      {state.end === null ? null : (
        <p class="chart-note">
          {clock(state.end - state.range * 1000, false)} to {clock(state.end, false)}
          <button type="button" class="link-button" onClick={() => change({ end: null, range: 900 })}>
            Back to live
          </button>
        </p>
      )}
      {error ? (
        <p class="chart-note" data-state="failed" role="status">
          {shown ? `Data from ${ago(Date.now() - loadedAt)}: ${error}` : `No chart: ${error}`}
        </p>
      ) : null}
      <Canvas drawing={shown} isStale={error !== null} state={state} change={change} />
    </>
  );
}

const MODES: [string, string][] = [
  ["rate", "Rate"],
  ["value", "Value"],
];

function Choice({ name, options, value, onChoose }: { name: string; options: [string, string][]; value: string; onChoose: (value: string) => void }) {
  return (
    <div class="choice" role="group" aria-label={name}>
      {options.map(([key, text]) => (
        <button type="button" key={key} aria-pressed={key === value} onClick={() => onChoose(key)}>
          {text}
        </button>
      ))}
    </div>
  );
}

interface CanvasProps {
  drawing: Drawing | null;
  isStale: boolean;
  state: ChartState;
  change: (part: Partial<ChartState>) => void;
}

function Canvas({ drawing, isStale, state, change }: CanvasProps) {
  const frame = useMemo<Frame>(() => ({ times: drawing?.frame.times ?? [], series: drawing?.frame.columns ?? [] }), [drawing]);
  if (!drawing) return <div class="chart" />;
  const { metric, isRate, steps, unit } = drawing;
  const { keys, columns, total } = drawing.frame;
  return (
    <TimeChart
      key={metric}
      frame={frame}
      window={{ start: steps.start * 1000, end: steps.end * 1000 }}
      unit={unit}
      title={isRate ? `${metric}, per second` : metric}
      legend="right"
      legendHeading={keys.length && keys.length <= FEW_KEYS ? keys.join(" · ") : "Series"}
      legendNote={total > columns.length ? `The ${columns.length} largest of ${total} series` : ""}
      isStale={isStale}
      noData={`No samples of ${metric} in ${state.end === null ? `the last ${printRange(state.range)}` : "this window"}.`}
      onZoom={(start, end) => change({ range: Math.max(10, Math.round((end - start) / 1000)), end })}
      onZoomOut={() => change({ range: 900, end: null })}
    />
  );
}

/** The chart's state in the address: choices make history entries, Back undoes them. */
function useAddress(): [ChartState, (part: Partial<ChartState>) => void] {
  const [state, setState] = useState(() => parseState(location.search));
  const current = useRef(state);
  current.current = state;
  useEffect(() => {
    const back = (): void => setState(parseState(location.search));
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const change = (part: Partial<ChartState>): void => {
    const next = { ...current.current, ...part };
    const search = printState(next, location.search);
    if (search !== location.search) history.pushState(null, "", location.pathname + search + location.hash);
    setState(next);
  };
  return [state, change];
}

/** Fetches at every change, and every five seconds while the window follows the present. */
function useDrawing(metric: string, state: ChartState): { drawing: Drawing | null; error: string | null; loadedAt: number } {
  const [result, setResult] = useState<{ drawing: Drawing | null; error: string | null; loadedAt: number }>({ drawing: null, error: null, loadedAt: 0 });
  useEffect(() => {
    if (!metric) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      clearTimeout(timer);
      if (document.hidden) return;
      try {
        const drawing = await draw(metric, state, Date.now() + overview.state.skew, abort.signal);
        if (!abort.signal.aborted) setResult({ drawing, error: null, loadedAt: Date.now() });
      } catch (error) {
        if (abort.signal.aborted) return;
        setResult((before) => ({ ...before, error: reason(error) }));
      }
      if (state.end === null && !abort.signal.aborted) timer = setTimeout(() => void load(), EVERY_MS);
    };
    const visible = (): void => void load();
    void load();
    document.addEventListener("visibilitychange", visible);
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", visible);
    };
  }, [metric, state.range, state.end, state.mode]);
  return result;
}
