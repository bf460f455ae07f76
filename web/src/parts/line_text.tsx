// What a log line says: its message, then its fields.
import type { Line } from "../data/line";

export function LineText({ line }: { line: Line }) {
  return (
    <>
      {line.message}
      {line.fields.map(([name, value]) => (
        <span class="field" key={name}>
          {" "}
          <span class="field-name">{name}=</span>
          {value}
        </span>
      ))}
    </>
  );
}
