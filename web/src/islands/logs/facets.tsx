// Fields of the newest lines with their most frequent values: a click filters.
import { useState } from "preact/hooks";
import { count } from "../../data/format";
import type { FieldFilter } from "../../data/log_filters";
import { levelOf } from "../../data/log_level";
import type { FoundField } from "../../data/loki_api";

export interface FacetsProps {
  fields: readonly FoundField[];
  /** Lines that were looked at. */
  lines: number;
  isStale: boolean;
  isShown: boolean;
  columns: readonly string[];
  onField: (field: FieldFilter, isExcluded: boolean) => void;
  onColumn: (name: string) => void;
  onClose: () => void;
}

const GROUPS = [
  ["label", "Labels"],
  ["metadata", "Metadata"],
  ["parsed", "Fields in lines"],
] as const;
/** So many fields that tell lines apart are open at first. */
const OPEN_AT_FIRST = 4;

export function Facets(props: FacetsProps) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const found = props.fields.filter((field) => !wanted || field.name.toLowerCase().includes(wanted) || field.values.some(([value]) => value.toLowerCase().includes(wanted)));
  const telling = new Set(props.fields.filter(isTelling).slice(0, OPEN_AT_FIRST).map((field) => field.name));
  return (
    <aside class="log-facets panel" aria-label="Fields" data-shown={props.isShown || undefined} data-stale={props.isStale || undefined}>
      <div class="log-facets-head">
        <input class="input" type="search" aria-label="Search fields and values" placeholder="Search fields" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        <button type="button" class="tool log-facets-close" onClick={props.onClose}>
          Close
        </button>
      </div>
      <div class="log-facets-body" tabindex={0} role="group" aria-label="Values by field">
        {GROUPS.map(([origin, title]) => {
          const fields = found.filter((field) => field.origin === origin);
          if (!fields.length) return null;
          return (
            <section key={origin} aria-label={title}>
              <h2>{title}</h2>
              {fields.map((field) => (
                <Facet key={field.name} field={field} isOpen={wanted !== "" || telling.has(field.name)} wanted={wanted} {...props} />
              ))}
            </section>
          );
        })}
        {found.length ? null : <p class="empty">{wanted ? "No field and no frequent value has it." : "No fields."}</p>}
      </div>
      {props.lines ? (
        <p class="log-facets-note">
          Of the newest {count(props.lines)} {props.lines === 1 ? "line" : "lines"}
        </p>
      ) : null}
    </aside>
  );
}

/** Whether a field divides the lines into a few kinds. */
function isTelling(field: FoundField): boolean {
  return field.cardinality > 1 && field.cardinality <= 50;
}

function Facet({ field, isOpen, wanted, lines, columns, onField, onColumn }: { field: FoundField; isOpen: boolean; wanted: string } & FacetsProps) {
  const { name, origin, parser, cardinality } = field;
  const isColumn = columns.includes(name);
  const isNamed = name.toLowerCase().includes(wanted);
  const values = field.values.filter(([value]) => isNamed || value.toLowerCase().includes(wanted));
  return (
    <details class="facet" open={isOpen}>
      <summary title={`${origin === "parsed" ? `${field.type}${parser ? ` in ${parser}` : ""}` : origin}, in ${share(field.lines, lines)} of the lines`}>
        <span class="facet-name">{name}</span>
        <span class="count">{cardinality >= 5000 ? "5,000+" : count(cardinality)}</span>
      </summary>
      <ul>
        {values.map(([value, found]) => (
          <li key={value} class="facet-value" {...(name === "detected_level" ? { "data-level": levelOf(value) } : {})}>
            <button type="button" class="facet-only" title="Click: only these. Alt-click: without these." onClick={(event) => onField({ name, value, origin, parser }, event.altKey)}>
              <meter class="facet-bar" min={0} max={Math.max(1, lines)} value={found} aria-hidden="true" />
              <span class="facet-text">{value === "" ? '""' : value}</span>
              <span class="facet-count">{share(found, lines)}</span>
            </button>
            <button type="button" class="facet-without" aria-label={`Without ${name}=${value}`} title="Without these" onClick={() => onField({ name, value, origin, parser }, true)}>
              ≠
            </button>
          </li>
        ))}
      </ul>
      <p class="facet-foot">
        {cardinality > field.values.length ? <span>and {count(cardinality - field.values.length)} more</span> : null}
        <button type="button" class="link-button" aria-pressed={isColumn} onClick={() => onColumn(name)}>
          {isColumn ? "Remove column" : "Show as column"}
        </button>
      </p>
    </details>
  );
}

function share(part: number, whole: number): string {
  if (!whole) return "0 %";
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 1 ? "<1 %" : `${Math.round(percent)} %`;
}
