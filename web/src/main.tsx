// Brings a server-rendered page to life: every element with data-island gets its component.
import { type ComponentType, h, render } from "preact";
import { overview, type Snapshot } from "./data/overview";
import { Status } from "./islands/status";
import { TimePicker } from "./islands/time";
import { mountChecklist } from "./page/checklist";
import { mountCopyButtons } from "./page/copy";
import { mountKeys } from "./page/keys";
import { mountNav } from "./page/nav";
import { mountRefresh } from "./page/refresh";
import { mountThemeToggle } from "./page/theme";
import { setSkew } from "./state/time";

type Island = ComponentType<never>;

/** Islands by name; each is a chunk of its own, loaded when a page has it. */
const ISLANDS: Record<string, () => Promise<Island> | Island> = {
  compare: async () => (await import("./islands/compare/page")).Compare as Island,
  alert_chart: async () => (await import("./islands/alert/chart")).AlertChart as Island,
  alerts: async () => (await import("./islands/alerts/page")).Alerts as Island,
  arrivals: async () => (await import("./islands/arrivals")).Arrivals,
  backtest: async () => (await import("./islands/backtest/page")).Backtest as Island,
  busiest: async () => (await import("./islands/busiest")).BusiestServices,
  chart: async () => (await import("./islands/chart")).Chart,
  dashboard: async () => (await import("./islands/dashboard/page")).DashboardPage,
  disk: async () => (await import("./islands/busiest")).Disk,
  firing: async () => (await import("./islands/firing")).FiringAlerts,
  import_dashboard: async () => (await import("./islands/dashboard/import")).ImportDashboard,
  metrics: async () => (await import("./islands/metrics/page")).Metrics,
  logs: async () => (await import("./islands/logs/page")).Logs,
  rules: async () => (await import("./islands/rules/page")).Rules as Island,
  query: async () => (await import("./islands/query")).Query as Island,
  send: async () => (await import("./islands/send")).Send,
  service: async () => (await import("./islands/services/service")).Service as Island,
  service_map: async () => (await import("./islands/service_map/page")).ServiceMap as Island,
  services: async () => (await import("./islands/services/page")).Services as Island,
  silence: async () => (await import("./islands/alerts/button")).SilenceButton as Island,
  silence_form: async () => (await import("./islands/silence/form")).SilenceForm as Island,
  status: () => Status,
  tail: async () => (await import("./islands/tail")).Tail,
  tiles: async () => (await import("./islands/tiles")).Tiles,
  time: () => TimePicker as Island,
  trace: async () => (await import("./islands/trace/page")).Trace as Island,
  traces: async () => (await import("./islands/traces")).Traces,
  traces_search: async () => (await import("./islands/traces_search/page")).TracesSearch as Island,
};

const islands = [...document.querySelectorAll<HTMLElement>("[data-island]")].map((element) => ({
  element,
  name: element.dataset.island ?? "",
  props: JSON.parse(element.dataset.props ?? "{}") as { snapshot?: Snapshot; now_ms?: number },
}));

// The snapshot that the page was rendered from, so that the first paint changes nothing.
const given = islands.find(({ props }) => props.snapshot)?.props.snapshot;
if (given) overview.start(given);
const served = given?.now_ms ?? islands.find(({ props }) => props.now_ms)?.props.now_ms;
if (served) setSkew(served - Date.now());

async function mount({ element, name, props }: (typeof islands)[number]): Promise<void> {
  const load = ISLANDS[name];
  if (!load) return;
  try {
    const found = await load();
    element.replaceChildren();
    render(h(found as ComponentType<object>, props), element);
    element.dataset.mounted = "";
  } catch (error) {
    // A part that cannot be loaded (the server restarted with a new build) leaves what the server drew.
    console.error(error);
    element.dataset.failed = "";
  }
}

mountNav();
mountThemeToggle();
mountCopyButtons();
mountChecklist();
mountKeys();
if (document.querySelector(".markdown")) void import("./page/tasks").then(({ mountTasks }) => mountTasks());
mountRefresh();
await Promise.all(islands.map(mount));
document.documentElement.dataset.ready = "";
