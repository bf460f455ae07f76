// A label, field or tag with its value: click filters, alt-click excludes, and a menu says the same in words.
import { copyText } from "./clipboard";

export interface FieldProps {
  name: string;
  value: string;
  /** Left out: the value is only shown and copied. */
  onFilter?: ((name: string, value: string, isExcluded: boolean) => void) | undefined;
  href?: string | undefined;
}

/** `name="value"` as a chip. */
export function FieldChip({ name, value, onFilter }: FieldProps) {
  const choose = (event: MouseEvent): void => {
    if (onFilter) onFilter(name, value, event.altKey);
    else void copyText(value, name);
  };
  const title = onFilter ? "Click: only these. Alt-click: without these." : "Click: copy the value.";
  return (
    <button type="button" class="chip" title={title} onClick={choose}>
      <span class="chip-name">{name}</span>
      <span class="chip-value">{value}</span>
    </button>
  );
}

/** A row of a details table, with the three actions as buttons that keyboards and fingers reach. */
export function FieldRow({ name, value, onFilter, href }: FieldProps) {
  return (
    <tr class="field">
      <th scope="row">{name}</th>
      <td>{href ? <a href={href}>{value}</a> : value}</td>
      <td class="field-actions">
        {onFilter ? (
          <>
            <button type="button" aria-label={`Only ${name}=${value}`} title="Only these" onClick={() => onFilter(name, value, false)}>
              =
            </button>
            <button type="button" aria-label={`Without ${name}=${value}`} title="Without these" onClick={() => onFilter(name, value, true)}>
              ≠
            </button>
          </>
        ) : null}
        <button type="button" aria-label={`Copy ${name}`} title="Copy" onClick={() => void copyText(value, name)}>
          Copy
        </button>
      </td>
    </tr>
  );
}
