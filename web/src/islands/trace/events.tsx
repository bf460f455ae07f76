// Events of a span, exceptions with their stack traces, and links to other spans.
import { duration } from "../../data/format";
import { type SpanEvent, type SpanLink, textOf, valueOf } from "../../data/otlp_value";
import { FieldRow } from "../../parts/field_value";
import { Command } from "../../parts/notice";
import { link } from "../../state/address";
import { since } from "./path";

const MOST = 100;

export function Events({ events, start, dropped }: { events: readonly SpanEvent[]; start: string; dropped: number }) {
  if (!events.length) return null;
  return (
    <details class="span-fields" open>
      <summary>
        Events <span class="count">{events.length}</span>
      </summary>
      <ol class="span-events">
        {events.slice(0, MOST).map((event, i) => (
          <Event key={i} event={event} start={start} />
        ))}
      </ol>
      {events.length > MOST || dropped ? <p class="quiet-text span-more">{[events.length > MOST ? `The first ${MOST} are shown` : "", dropped ? `The sender dropped ${dropped}` : ""].filter(Boolean).join(". ")}.</p> : null}
    </details>
  );
}

function Event({ event, start }: { event: SpanEvent; start: string }) {
  const pairs = event.attributes ?? [];
  const stack = valueOf(pairs, "exception.stacktrace");
  const type = valueOf(pairs, "exception.type");
  const message = valueOf(pairs, "exception.message");
  const isException = event.name === "exception";
  const rest = pairs.filter(({ key }) => !isException || !/^exception\.(type|message|stacktrace)$/.test(key));
  return (
    <li data-exception={isException || undefined}>
      <p class="span-event-head">
        <span class="span-event-time">+{duration(Math.max(0, since(start, event.timeUnixNano ?? start)))}</span>
        {isException ? (
          <span>
            <strong>{type || "exception"}</strong>
            {message ? `: ${message}` : ""}
          </span>
        ) : (
          <span>{event.name || "(no name)"}</span>
        )}
      </p>
      {stack ? <Command title="Stack trace" text={stack} /> : null}
      {rest.length ? (
        <table class="table">
          <tbody>
            {rest.map((pair) => (
              <FieldRow key={pair.key} name={pair.key} value={textOf(pair.value)} />
            ))}
          </tbody>
        </table>
      ) : null}
    </li>
  );
}

export function Links({ links }: { links: readonly SpanLink[] }) {
  if (!links.length) return null;
  return (
    <details class="span-fields" open>
      <summary>
        Links <span class="count">{links.length}</span>
      </summary>
      <ul class="span-links">
        {links.slice(0, MOST).map((one, i) => (
          <li key={i}>
            <a class="mono" href={link(`/traces/${one.traceId ?? ""}`, { span: one.spanId ?? null })}>
              {one.traceId}
            </a>
            <span class="quiet-text"> span {one.spanId}</span>
            {(one.attributes ?? []).length ? <p class="quiet-text">{(one.attributes ?? []).map((pair) => `${pair.key}=${textOf(pair.value)}`).join(" ")}</p> : null}
          </li>
        ))}
      </ul>
    </details>
  );
}
