// One span in the waterfall.
import { Component } from "preact";
import { duration } from "../../data/format";
import { durationOf, KINDS, nameOf, serviceOf, startOf } from "../../data/trace_model";
import type { Zoom } from "../../data/trace_zoom";
import { Icon } from "../../parts/icon";
import type { Section } from "./path";
import type { View } from "./state";

/** As in styles/pages/trace/waterfall.css. */
export const ROW_PX = 26;

interface RowProps {
  view: View;
  place: number;
  index: number;
  indent: number;
  zoom: Zoom;
  sections: readonly Section[] | undefined;
  isFolded: boolean;
  isActive: boolean;
  isSelected: boolean;
  isHit: boolean;
  isDim: boolean;
}

/** Drawn again only when something of it changed: scrolling moves the others. Clicks are the grid's. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return (Object.keys(next) as (keyof RowProps)[]).some((name) => next[name] !== this.props[name]);
  }

  override render() {
    return <Drawn {...this.props} />;
  }
}

function Drawn({ view, place, index, indent, zoom, sections, isFolded, isActive, isSelected, isHit, isDim }: RowProps) {
  const { trace, tree, colors } = view;
  const below = tree.below[place] ?? 0;
  const isError = tree.isError[place] === 1;
  const depth = tree.depths[place] ?? 0;
  const service = serviceOf(trace, place);
  const saying = trace.extras[place]?.saying;
  return (
    <div
      id={`span-${place}`}
      class="span-row"
      role="row"
      aria-level={depth + 1}
      aria-rowindex={index + 2}
      aria-expanded={below ? !isFolded : undefined}
      aria-selected={isSelected}
      data-active={isActive || undefined}
      data-hit={isHit || undefined}
      data-dim={isDim || undefined}
      data-error={isError || undefined}
      data-place={place}
      style={{ top: `${index * ROW_PX}px` }}
    >
      <div class="waterfall-name" role="gridcell" style={{ paddingLeft: `${6 + depth * indent}px` }} title={`${service || "unknown"}: ${nameOf(trace, place)}`}>
        <span class="fold" data-fold={below ? (isFolded ? "folded" : "open") : undefined} aria-hidden="true" />
        <span class="span-mark" data-color={colors.get(service)} aria-hidden="true" />
        {isError ? <ErrorMark /> : isFolded && tree.errorBelow[place] ? <ErrorMark isBelow /> : null}
        <span class="span-service">{service || "unknown"}</span>
        <span class="span-name">{nameOf(trace, place) || "(no name)"}</span>
        {saying ? <span class="span-saying">{saying}</span> : null}
        {isFolded && below ? <span class="span-below">+{below}</span> : null}
      </div>
      <div class="waterfall-time" role="gridcell" aria-label={label(view, place)}>
        <div class="lane">
          <Bar view={view} place={place} zoom={zoom} sections={sections} color={colors.get(service) ?? 0} isError={isError} />
        </div>
      </div>
    </div>
  );
}

function ErrorMark({ isBelow = false }: { isBelow?: boolean }) {
  return (
    <span class="span-error" data-below={isBelow || undefined} title={isBelow ? "An error below" : "Error"}>
      <Icon name="warning" />
      <span class="hidden-text">{isBelow ? "error below" : "error"}</span>
    </span>
  );
}

function Bar({ view: { trace }, place, zoom, sections, color, isError }: { view: View; place: number; zoom: Zoom; sections: readonly Section[] | undefined; color: number; isError: boolean }) {
  const length = zoom.to - zoom.from;
  const at = (ns: number): number => ((ns - zoom.from) / length) * 100;
  const start = startOf(trace, place);
  const took = durationOf(trace, place);
  const left = at(start);
  const right = at(start + took);
  if (right < 0 || left > 100) return <span class="bar-outside" data-side={right < 0 ? "left" : "right"} aria-hidden="true" />;
  const from = Math.max(0, left);
  const to = Math.min(100, right);
  return (
    <>
      <span class="bar" data-color={color} data-error={isError || undefined} data-cut-left={left < 0 || undefined} data-cut-right={right > 100 || undefined} style={{ left: `${from}%`, width: `${Math.max(0, to - from)}%` }} />
      {sections?.map((section) => {
        const begin = Math.max(0, at(section.from));
        const end = Math.min(100, at(section.to));
        return end <= begin ? null : <span key={section.from} class="bar-path" style={{ left: `${begin}%`, width: `${end - begin}%` }} />;
      })}
      {trace.extras[place]?.events?.slice(0, 50).map((event, i) => {
        const x = at(event);
        return x < 0 || x > 100 ? null : <span key={i} class="bar-event" style={{ left: `${x}%` }} />;
      })}
      <span class="bar-label" style={{ left: `${to}%` }}>
        {duration(took)}
      </span>
    </>
  );
}

function label({ trace, tree }: View, place: number): string {
  const kind = KINDS[trace.kinds[place] ?? 0];
  return [`${duration(durationOf(trace, place))} from ${duration(startOf(trace, place))} on`, kind, tree.isError[place] ? "error" : ""].filter(Boolean).join(", ");
}
