// The metrics page: panels from the address, a list of metrics beside them.
import { useEffect, useRef } from "preact/hooks";
import { BLANK, type Panel, readPanels, readWindow, writePanels } from "../../data/panels";
import { Icon } from "../../parts/icon";
import { navigate, useAddress } from "../../state/address";
import { setRange, time, useTime } from "../../state/time";
import { MetricList } from "./list";
import { PanelView } from "./panel";

export function Metrics() {
  const params = useAddress();
  useTime();
  const panels = readPanels(params);
  useEffect(() => {
    const asked = readWindow(new URLSearchParams(location.search));
    if (asked) setRange(asked);
  }, []);
  const write = (next: readonly Panel[]): void => {
    const { window, range } = time();
    const search = writePanels(location.search, next, { seconds: (window.end - window.start) / 1000, end: range.to === "now" ? null : window.end });
    const names = new Set([...new URLSearchParams(location.search).keys(), ...new URLSearchParams(search).keys()]);
    const wanted = new URLSearchParams(search);
    navigate(Object.fromEntries([...names].map((name) => [name, wanted.get(name)])));
  };
  const change = (index: number, part: Partial<Panel>): void => write(panels.map((panel, i) => (i === index ? { ...panel, ...part } : panel)));
  const used = useRef(0);
  const choose = (expr: string): void => change(Math.min(used.current, panels.length - 1), { expr });
  return (
    <div class="metrics-layout">
      <MetricList onChoose={choose} />
      <div class="metrics-panels">
      {panels.map((panel, i) => (
        <PanelView key={i} index={i} onUse={() => (used.current = i)} panel={panel} onChange={(part) => change(i, part)} onRemove={panels.length > 1 ? () => write(panels.filter((_, at) => at !== i)) : null} />
      ))}
      <div class="toolbar">
        <button type="button" class="tool" onClick={() => write([...panels, { ...BLANK, expr: panels.at(-1)?.expr ?? "" }])}>
          <Icon name="plus" />
          Add panel
        </button>
      </div>
      </div>
    </div>
  );
}
