// One log line of the list: time, level, service, chosen columns, message; what it has when opened.
import { Component, type ComponentChildren } from "preact";
import { ansiParts, hasAnsi, plainText } from "../../data/ansi";
import { type LogRow, messageOf, traceOf, valueOf } from "../../data/log_row";
import { Icon } from "../../parts/icon";
import { link } from "../../state/address";

export interface RowView {
  columns: readonly string[];
  isUtc: boolean;
  /** The window is so long that times of day are not enough. */
  hasDate: boolean;
}

const MOST_FIELDS = 12;

export interface RowProps {
  row: LogRow;
  index: number;
  view: RowView;
  isOpen: boolean;
  isMarked?: boolean;
  onToggle?: ((row: LogRow) => void) | undefined;
  /** What an open row shows. */
  children?: ComponentChildren;
}

/** Drawn again only when something changes that it shows: lists have many. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: Readonly<RowProps>): boolean {
    const { row, index, view, isOpen, isMarked, onToggle } = this.props;
    return isOpen || next.isOpen || next.row !== row || next.index !== index || next.view !== view || next.isMarked !== isMarked || next.onToggle !== onToggle;
  }

  override render(props: RowProps) {
    return <Drawn {...props} />;
  }
}

function Drawn({ row, index, view, isOpen, isMarked = false, onToggle, children }: RowProps) {
  const time = printNs(row, view);
  const trace = traceOf(row);
  const toggle = (event: MouseEvent): void => {
    if ((event.target as HTMLElement).closest("a, button, .log-more")) return;
    if (getSelection()?.isCollapsed === false) return; // a click that ends a selection opens nothing
    onToggle?.(row);
  };
  return (
    <div class="log-row" role="row" aria-rowindex={index + 1} data-level={row.level} data-open={isOpen || undefined} data-marked={isMarked || undefined}>
      <div class="log-line" role="presentation" onClick={toggle}>
        <div class="log-time" role="cell">
          {onToggle ? (
            <button type="button" data-row aria-expanded={isOpen} aria-label={`${time}, details`} onClick={() => onToggle(row)}>
              <time dateTime={new Date(row.ms).toISOString()}>{time}</time>
            </button>
          ) : (
            <time dateTime={new Date(row.ms).toISOString()}>{time}</time>
          )}
        </div>
        <div class="log-level" role="cell">
          {row.level === "unknown" ? "" : row.level}
        </div>
        <div class="log-service" role="cell" title={row.service}>
          {row.service}
        </div>
        {view.columns.map((name) => (
          <div class="log-column" role="cell" key={name} title={valueOf(row, name)}>
            {valueOf(row, name)}
          </div>
        ))}
        <div class="log-text" role="cell">
          <Message line={row.line} columns={view.columns} />
          {trace ? (
            <a class="log-trace" href={link(`/traces/${encodeURIComponent(trace)}`)} aria-label={`Trace ${trace}`} title={`Trace ${trace}`}>
              <Icon name="traces" />
            </a>
          ) : null}
        </div>
      </div>
      {isOpen ? (
        <div class="log-more" role="cell">
          {children}
        </div>
      ) : null}
    </div>
  );
}

/** The message in the text's colour, other fields quiet unless they have a column. */
function Message({ line, columns }: { line: string; columns: readonly string[] }) {
  const { text, fields } = messageOf(line);
  const others = fields.filter(([name]) => !columns.includes(name));
  return (
    <span class="log-message">
      {hasAnsi(text) ? ansiParts(text).map((part, i) => (part.kind ? <span key={i} class={part.kind}>{part.text}</span> : part.text)) : plainText(text)}
      {others.slice(0, MOST_FIELDS).map(([name, value]) => (
        <span class="log-field" key={name}>
          {" "}
          <span class="log-field-name">{name}=</span>
          {value}
        </span>
      ))}
    </span>
  );
}

const two = (value: number): string => String(value).padStart(2, "0");

/** The time of day with milliseconds, with the date where it is needed. */
export function printNs(row: LogRow, { isUtc, hasDate }: Pick<RowView, "isUtc" | "hasDate">): string {
  const at = new Date(row.ms);
  const [month, day, hours, minutes, seconds] = isUtc
    ? [at.getUTCMonth(), at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()]
    : [at.getMonth(), at.getDate(), at.getHours(), at.getMinutes(), at.getSeconds()];
  const clock = `${two(hours)}:${two(minutes)}:${two(seconds)}.${String(row.ms % 1000).padStart(3, "0")}`;
  return hasDate ? `${two(month + 1)}-${two(day)} ${clock}` : clock;
}
