// A dashboard: its variables, rows of panels, and what of it is not shown.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { type Marked, marksOf } from "../../dashboard/annotations";
import { ALL, interpolate, type Values } from "../../dashboard/interpolate";
import { type Section, sectionsOf } from "../../dashboard/layout";
import type { Context } from "../../dashboard/run";
import type { Annotation, Answer } from "../../dashboard/types";
import { Icon } from "../../parts/icon";
import { useLoad } from "../../parts/hooks";
import { addKeys } from "../../page/keys";
import { navigate, useAddress } from "../../state/address";
import { useTime } from "../../state/time";
import { Bar } from "./bar";
import { Findings } from "./findings";
import { PanelView } from "./panel";
import { useVariables } from "./use_variables";

export function DashboardPage({ answer }: { answer: Answer }) {
  const { dashboard } = answer;
  const params = useAddress();
  const { window, tick, zone } = useTime();
  const variables = useVariables(dashboard, params, window);
  const context = useMemo<Context | null>(() => variables && { dashboard, values: variables.values, filters: variables.filters, window }, [variables, window.start, window.end]);
  const off = new Set(params.getAll("marks-off"));
  const isOff = (annotation: Annotation): boolean => off.has(annotation.name) !== !annotation.enable;
  const marked = useMarks(context, dashboard.annotations.filter((annotation) => annotation.language && !isOff(annotation)), tick);
  const toggle = (annotation: Annotation): void => {
    const next = off.has(annotation.name) ? [...off].filter((name) => name !== annotation.name) : [...off, annotation.name];
    navigate({ "marks-off": next });
  };
  const sections = useMemo(() => sectionsOf(dashboard.rows, (name) => choicesOf(variables?.resolved ?? [], name)), [dashboard, variables]);
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const onError = useCallback((key: string, text: string) => setErrors((before) => ((before.get(key) ?? "") === text ? before : new Map([...before, [key, text]]))), []);
  const view = params.get("viewPanel")?.replace(/^panel-/, "") ?? "";
  useKeys(view);
  useKiosk(params.has("kiosk"));
  const whole = view ? sections.flatMap(({ panels }) => panels).find(({ key, panel }) => key === view || String(panel.id) === view) : undefined;
  const shared = { context, marked, zone, tick, onError };
  return (
    <>
      <Bar dashboard={dashboard} variables={variables} marked={marked} isOff={isOff} onToggle={toggle} />
      {whole ? (
        <div class="dash-whole">
          <PanelView key={whole.key} placed={whole} isWhole level={2} {...shared} />
        </div>
      ) : (
        sections.map((section) => (
          <SectionView key={section.key} section={section} values={variables?.values ?? NO_VALUES}>
            {section.panels.map((placed) => (
              <PanelView key={placed.key} placed={placed} isWhole={false} level={section.hasHeader ? 3 : 2} {...shared} />
            ))}
          </SectionView>
        ))
      )}
      {view && !whole ? <p class="empty">{`There is no panel ${view} on this dashboard.`}</p> : null}
      <Findings answer={answer} errors={errors} sections={sections} resolved={variables?.resolved ?? []} marked={marked} />
    </>
  );
}

function useMarks(context: Context | null, annotations: readonly Annotation[], tick: number): readonly Marked[] {
  const names = annotations.map(({ name }) => name).join("\n");
  const { data } = useLoad(context && annotations.length ? (signal) => Promise.all(annotations.map((one) => marksOf(one, context, signal))) : null, [context, names, tick]);
  return data ?? NONE;
}

const NONE: readonly Marked[] = [];
const NO_VALUES: Values = new Map();

function choicesOf(resolved: NonNullable<ReturnType<typeof useVariables>>["resolved"], name: string) {
  const found = resolved.find(({ variable }) => variable.name === name);
  if (!found) return [];
  const { options, chosen } = found;
  if (chosen.includes(ALL)) return options.filter(({ value }) => value !== ALL);
  return chosen.map((value) => options.find((option) => option.value === value) ?? { value, text: value });
}

function SectionView({ section, values, children }: { section: Section; values: Values; children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(!section.collapsed);
  const title = interpolate(section.title, new Map([...values, ...section.scoped]), { form: "text" });
  return (
    <section class="dash-row" aria-label={title || undefined}>
      {section.hasHeader ? (
        <h2>
          <button type="button" aria-expanded={isOpen} data-fold onClick={() => setOpen(!isOpen)}>
            <Icon name={isOpen ? "down" : "right"} />
            {title || "Row"}
            {isOpen ? null : <span class="quiet-text">{`${section.panels.length} ${section.panels.length === 1 ? "panel" : "panels"}`}</span>}
          </button>
        </h2>
      ) : null}
      {isOpen ? <div class="dash-grid">{children}</div> : null}
    </section>
  );
}

/** `v`: the panel under the pointer or with the focus, alone or back among the others. */
function useKeys(view: string): void {
  useEffect(() => {
    const fold = (isOpen: boolean): void => document.querySelectorAll<HTMLElement>(`[data-fold][aria-expanded="${String(!isOpen)}"]`).forEach((button) => button.click());
    const back = (): void => navigate({ viewPanel: null });
    return addKeys({
      v: {
        text: "View the panel under the pointer",
        run: () => {
          if (view) return back();
          const panel = document.querySelector<HTMLElement>(".dash-panel:hover, .dash-panel:focus-within, .dash-panel:focus");
          const key = panel?.dataset.key ?? "";
          if (panel) navigate({ viewPanel: key.includes(":") ? key : (panel.dataset.panel ?? "") });
        },
      },
      "[": { text: "Collapse rows", run: () => fold(false) },
      "]": { text: "Expand rows", run: () => fold(true) },
      ...(view ? { Escape: { text: "Back to the dashboard", run: back } } : {}),
    });
  }, [view]);
}

function useKiosk(isOn: boolean): void {
  useEffect(() => {
    document.documentElement.toggleAttribute("data-kiosk", isOn);
    return () => document.documentElement.removeAttribute("data-kiosk");
  }, [isOn]);
}
