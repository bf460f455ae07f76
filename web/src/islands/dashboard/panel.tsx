// One panel: its head with menu and notes, and its inside. Loads when it comes near the viewport.
import { useEffect, useMemo, useRef } from "preact/hooks";
import { isOn, type Marked } from "../../dashboard/annotations";
import { explorePath } from "../../dashboard/explore";
import { interpolate, type Values } from "../../dashboard/interpolate";
import type { Placed } from "../../dashboard/layout";
import type { Asked, Context } from "../../dashboard/run";
import type { Panel } from "../../dashboard/types";
import type { Zone } from "../../data/time_range";
import { Icon } from "../../parts/icon";
import { Notice } from "../../parts/notice";
import { BODIES, SELF_LOADED } from "./body";
import { PanelMenu } from "./panel_menu";
import { AlertsBody, AnnotationsBody, DashboardsBody } from "./panels/lists";
import { Markdown, TextBody } from "./panels/text";
import { type PanelState, useNear, usePanelData, useSize } from "./use_panel";

export interface PanelProps {
  placed: Placed;
  /** null while variables are not known. */
  context: Context | null;
  marked: readonly Marked[];
  zone: Zone;
  tick: number;
  isWhole: boolean;
  /** Of its heading, below that of a row. */
  level: 2 | 3;
  /** Called with what went wrong, empty when nothing did. */
  onError: (key: string, text: string) => void;
}

export function PanelView({ placed, context, marked, zone, tick, isWhole, level, onError }: PanelProps) {
  const Heading = level === 2 ? "h2" : "h3";
  const { panel, scoped, key } = placed;
  const root = useRef<HTMLElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const isNear = useNear(root);
  const size = useSize(inside);
  const reason = panel.reason || reasonOf(panel);
  const isAsked = !SELF_LOADED.has(panel.type) && !reason;
  const state = usePanelData(panel, isAsked ? context : null, { scoped, width: size?.width ?? 0, tick, isNear });
  const values = useMemo<Values>(() => new Map([...(context?.values ?? []), ...scoped]), [context, scoped]);
  const title = interpolate(panel.title, state.data?.values ?? values, { form: "text" });
  const failed = state.error || state.data?.asked.map(({ error }) => error).find(Boolean) || "";
  useEffect(() => onError(key, failed), [failed]);
  const marks = useMemo(() => marked.filter(({ annotation }) => isOn(annotation, panel)).flatMap(({ marks: own }) => own), [marked, panel]);
  const Body = BODIES[panel.type];
  const isStale = state.isLoading ? false : failed !== "";
  return (
    <article class="panel dash-panel" ref={root} data-panel={panel.id} data-key={key} data-type={panel.type} data-transparent={panel.transparent || undefined} data-small={isSmall(placed) || undefined} data-end={placed.x + placed.width > 16 || undefined} data-state={stateOf(state, reason, isAsked)} aria-label={title || panel.type} tabindex={-1} style={isWhole ? {} : { "--x": String(placed.x + 1), "--y": String(placed.y + 1), "--w": String(placed.width), "--h": String(placed.height) }}>
      <header class="dash-head">
        {title.trim() ? (
          <Heading class="dash-title" title={title}>
            {title}
          </Heading>
        ) : null}
        {panel.description ? <Description text={interpolate(panel.description, values)} title={title} /> : null}
        {ownTime(panel) ? <span class="dash-time">{ownTime(panel)}</span> : null}
        {failed && state.data?.frames.length ? <span class="dash-warn" title={failed}><Icon name="warning" /><span class="hidden-text">{failed}</span></span> : null}
        {state.data?.warnings.length ? <span class="dash-warn" title={state.data.warnings.join("\n")}><Icon name="info" /><span class="hidden-text">{state.data.warnings.join(". ")}</span></span> : null}
        <PanelMenu placed={placed} title={title} state={state} values={values} isWhole={isWhole} window={context?.window ?? null} uid={context?.dashboard.uid ?? ""} />
      </header>
      {state.isLoading ? <div class="loading-line dash-loading" /> : null}
      <div class="dash-body" ref={inside}>
        {reason ? (
          <p class="dash-unsupported">
            <b>Not shown</b> {reason}
          </p>
        ) : panel.type === "text" ? (
          <TextBody panel={panel} values={values} title={title} />
        ) : panel.type === "alertlist" ? (
          <AlertsBody panel={panel} values={values} />
        ) : panel.type === "dashlist" ? (
          <DashboardsBody panel={panel} />
        ) : panel.type === "annolist" ? (
          <AnnotationsBody panel={panel} marked={marked} zone={zone} />
        ) : failed && !state.data?.frames.length ? (
          <Failed asked={state.data?.asked ?? []} error={failed} href={context ? explorePath(state.data?.asked.find(({ error }) => error) ?? null, context.window) : ""} />
        ) : state.data && size && Body ? (
          <Body panel={panel} data={state.data} title={title || panel.type} size={size} zone={zone} marks={marks} isStale={isStale} sync={context?.dashboard.cursor === "off" ? "" : "dashboard"} />
        ) : null}
      </div>
    </article>
  );
}

/** Two of them stand side by side on a phone. */
function isSmall({ panel, width }: Placed): boolean {
  return width <= 8 && (panel.type === "stat" || panel.type === "gauge");
}

/** Why none of its queries can be asked; empty when one can, or it has none. */
function reasonOf({ targets, type }: Panel): string {
  if (SELF_LOADED.has(type)) return "";
  const shown = targets.filter(({ hide }) => !hide);
  if (!shown.length) return targets.length ? "All its queries are switched off." : "It has no query.";
  return shown.some(({ language }) => language) ? "" : (shown.find(({ reason }) => reason)?.reason ?? "Its query cannot be asked.");
}

function stateOf({ data, error, isLoading }: PanelState, reason: string, isAsked: boolean): string {
  if (reason) return "unsupported";
  if (!isAsked) return "done";
  if (isLoading) return "loading";
  return error || data ? "done" : "waiting";
}

function ownTime({ timeFrom, timeShift, hideTimeOverride }: Panel): string {
  if (hideTimeOverride) return "";
  return [timeFrom ? `last ${timeFrom.replace(/^now-/, "")}` : "", timeShift ? `${timeShift.replace(/^-/, "")} earlier` : ""].filter(Boolean).join(", ");
}

function Description({ text, title }: { text: string; title: string }) {
  return (
    <details class="dash-info">
      <summary aria-label={`About ${title}`} title="About this panel">
        <Icon name="info" />
      </summary>
      <div class="dash-info-text">
        <Markdown text={text} />
      </div>
    </details>
  );
}

function Failed({ asked, error, href }: { asked: readonly Asked[]; error: string; href: string }) {
  const wrong = asked.find((one) => one.error);
  return (
    <div class="dash-failed">
      <Notice kind="error">
        {wrong && asked.length > 1 ? `${wrong.refId}: ` : ""}
        {error}
      </Notice>
      {wrong?.expr ? <pre tabindex={0}>{wrong.expr}</pre> : null}
      {href ? <a href={href}>Open the query, and see where it is wrong</a> : null}
    </div>
  );
}
