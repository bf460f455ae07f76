// Above the panels: variables, filters, marks, links, how often the page asks again.
import { useEffect } from "preact/hooks";
import type { Marked } from "../../dashboard/annotations";
import { plainLink, tagged } from "../../dashboard/data_links";
import { parseInterval } from "../../dashboard/interval";
import type { Annotation, Dashboard, Link, Listing } from "../../dashboard/types";
import { get } from "../../data/api";
import { cssColor } from "../../plot/model";
import { named } from "../../dashboard/colors";
import { useLoad } from "../../parts/hooks";
import { Menu } from "../../parts/menu";
import { navigate, useParam } from "../../state/address";
import { refresh, useTime } from "../../state/time";
import { Filters } from "./filters";
import type { Variables } from "./use_variables";
import { VariableField } from "./variable_field";

const EVERY = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h"];

interface Props {
  dashboard: Dashboard;
  variables: Variables | null;
  marked: readonly Marked[];
  isOff: (annotation: Annotation) => boolean;
  onToggle: (annotation: Annotation) => void;
}

export function Bar({ dashboard, variables, marked, isOff, onToggle }: Props) {
  const shown = (variables?.resolved ?? []).filter(({ variable, options }) => variable.hide !== "variable" && variable.kind !== "constant" && !(variable.kind === "datasource" && options.length < 2));
  const adhoc = dashboard.variables.filter(({ kind, hide }) => kind === "adhoc" && hide !== "variable");
  const annotations = dashboard.annotations.filter(({ hide, language }) => !hide && language);
  return (
    <div class="dash-bar">
      {shown.map((resolved) => (
        <VariableField key={resolved.variable.name} resolved={resolved} />
      ))}
      {adhoc.map((variable) => (
        <Filters key={variable.name} variable={variable} />
      ))}
      {annotations.map((annotation) => {
        const error = marked.find((one) => one.annotation === annotation)?.error ?? "";
        return (
          <button key={annotation.name} type="button" class="tool dash-marks" aria-pressed={!isOff(annotation)} title={error || "Marks on charts"} onClick={() => onToggle(annotation)}>
            <span class="dash-mark" aria-hidden="true" style={{ background: cssColor(named(annotation.color, "accent")) }} />
            {annotation.name}
            {error ? " (cannot be asked)" : ""}
          </button>
        );
      })}
      <span class="spacer" />
      <Links dashboard={dashboard} variables={variables} />
      <Refresh usual={dashboard.refresh} />
    </div>
  );
}

function Refresh({ usual }: { usual: string }) {
  const [every, setEvery] = useParam("refresh", usual || "off");
  const { window } = useTime();
  const ms = every === "off" ? null : every === "auto" ? Math.max(10_000, Math.round((window.end - window.start) / 360_000) * 1000) : parseInterval(every);
  useEffect(() => {
    if (!ms) return undefined;
    // Hidden pages ask nothing; they ask once they are seen again.
    const timer = setInterval(() => document.hidden || refresh(), Math.max(1000, ms));
    return () => clearInterval(timer);
  }, [ms]);
  const choices = [...new Set(["off", ...EVERY, every])];
  return (
    <label class="dash-refresh">
      <span class="hidden-text">Refresh every</span>
      <select class="select" value={every} title="How often the panels ask again" onChange={(event) => setEvery(event.currentTarget.value)}>
        {choices.map((one) => (
          <option key={one} value={one}>
            {one === "off" ? "No refresh" : one === "auto" ? "Refresh by the window" : `Every ${one}`}
          </option>
        ))}
      </select>
    </label>
  );
}

function Links({ dashboard, variables }: { dashboard: Dashboard; variables: Variables | null }) {
  const needsList = dashboard.links.some(({ kind }) => kind === "dashboards");
  const { data } = useLoad(needsList ? (signal) => get<Listing>("/api/ui/dashboards", {}, signal) : null, [needsList]);
  const values = variables?.values ?? new Map();
  const ofTags = (link: Link) => tagged(link, (data?.dashboards ?? []).filter(({ uid }) => uid !== dashboard.uid), location.search);
  return (
    <>
      {dashboard.links.map((link, i) => {
        if (link.kind === "dashboards") {
          const found = ofTags(link);
          if (!found.length) return null;
          if (link.asDropdown || found.length > 4) return <Menu key={i} label={link.title || "Dashboards"} items={found.map(({ title, href }) => ({ label: title, href }))} />;
          return found.map((one) => <Anchor key={one.href} {...one} />);
        }
        const found = plainLink(link, values, location.search);
        return found ? <Anchor key={i} {...found} note={link.tooltip} /> : null;
      })}
    </>
  );
}

function Anchor({ title, href, isNew, note = "" }: { title: string; href: string; isNew: boolean; note?: string }) {
  return (
    <a class="tool" href={href} {...(note ? { title: note } : {})} {...(isNew ? { target: "_blank", rel: "noreferrer" } : {})}>
      {title}
    </a>
  );
}

/** Chooses values of a variable in the address. */
export function choose(name: string, values: readonly string[]): void {
  navigate({ [`var-${name}`]: values });
}
