// The metrics page: panels from the address, a list of metrics beside them.
import { useEffect, useRef } from "preact/hooks";
import { BLANK, type Panel, readPanels, readWindow, writePanels } from "../../data/panels";
import { Icon } from "../../parts/icon";
import { navigate, query, useAddress } from "../../state/address";
import { time, useTime } from "../../state/time";
import { MetricList } from "./list";
import { Overview } from "./overview";
import { PanelView } from "./panel";

export function Metrics() {
  const params = useAddress();
  const { window, range } = useTime();
  const panels = readPanels(params);
  useEffect(() => {
    const asked = readWindow(new URLSearchParams(location.search));
    if (asked) navigate(asked, { replace: true });
  }, []);
  // The panels' own window, which Prometheus reads, follows the page's.
  useEffect(() => {
    if (query().has("from") && query().has("g0.range_input")) write(readPanels(query()), { replace: true });
  }, [window.start, window.end, range.to]);
  const used = useRef(0);
  const change = (index: number, part: Partial<Panel>): void => write(panels.map((panel, i) => (i === index ? { ...panel, ...part } : panel)));
  const insert = (index: number, panel: Panel): void => write([...panels.slice(0, index), panel, ...panels.slice(index)]);
  const choose = (expr: string): void => change(Math.min(used.current, panels.length - 1), { expr });
  const isFirst = panels.length === 1 && !panels[0]?.expr;
  return (
    <div class="metrics-layout">
      <MetricList onChoose={choose} />
      <div class="metrics-panels">
        {panels.map((panel, i) => (
          <PanelView
            key={i}
            index={i}
            panel={panel}
            onUse={() => (used.current = i)}
            onChange={(part) => change(i, part)}
            onDuplicate={() => insert(i + 1, panel)}
            onRemove={panels.length > 1 ? () => write(panels.filter((_, at) => at !== i)) : null}
          />
        ))}
        {isFirst ? (
          <Overview />
        ) : (
          <div class="toolbar">
            <button type="button" class="tool" onClick={() => insert(panels.length, BLANK)}>
              <Icon name="plus" />
              Add panel
            </button>
          </div>
        )}
      </div>
    </div>
  );
}

/** Puts the panels into the address; a step that Back undoes. */
function write(panels: readonly Panel[], options: { replace?: boolean } = {}): void {
  const { window, range } = time();
  const search = writePanels(location.search, panels, { seconds: (window.end - window.start) / 1000, end: range.to === "now" ? null : window.end });
  const wanted = new URLSearchParams(search);
  const names = new Set([...new URLSearchParams(location.search).keys(), ...wanted.keys()]);
  navigate(Object.fromEntries([...names].map((name) => [name, wanted.get(name)])), options);
}
