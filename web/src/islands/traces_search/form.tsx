// The search form and the TraceQL that it stands for: changing one changes the other.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get } from "../../data/api";
import { described, type QueryError } from "../../data/query_error";
import { EMPTY_FORM, formOfQuery, isDuration, queryOfForm, readTags, type TraceForm } from "../../data/trace_form";
import { Editor } from "../../editor/editor";
import { TraceqlSource } from "../../editor/source";
import { useLoad } from "../../parts/hooks";
import { Icon } from "../../parts/icon";
import { navigate } from "../../state/address";
import { time } from "../../state/time";
import { USUAL_LIMIT } from "./limits";

const LIMITS = [20, 50, 100, 200, 500, 1000];

interface FormProps {
  q: string;
  limit: number;
  error: QueryError | null;
  isBusy: boolean;
  onRun: (q: string) => void;
}

export function SearchForm({ q, limit, error, isBusy, onRun }: FormProps) {
  const [text, setText] = useState(q);
  const source = useMemo(() => new TraceqlSource(() => time().window), []);
  useEffect(() => setText(q), [q]);
  const form = useMemo(() => formOfQuery(text), [text]);
  const change = (changes: Partial<TraceForm>, isRun: boolean): void => {
    const next = queryOfForm({ ...(form ?? EMPTY_FORM), ...changes });
    setText(next === "{ }" ? "" : next);
    if (isRun) onRun(next);
  };
  return (
    <section class="panel search-panel" aria-label="Search">
      <Fields form={form} limit={limit} onChange={change} />
      <div class="search-query" data-search>
        <Editor language="traceql" label="TraceQL query or trace id" value={text} onChange={setText} onRun={onRun} error={error} source={source} placeholder='{ resource.service.name = "checkout" && status = error }' />
        <button type="button" class="button" onClick={() => onRun(text)}>
          Search
        </button>
      </div>
      {isBusy ? <div class="loading-line" /> : null}
      {form ? null : (
        <p class="search-note">
          The query says more than the form can.{" "}
          <button type="button" class="link-button" onClick={() => change(EMPTY_FORM, true)}>
            Start over with the form
          </button>
        </p>
      )}
      {error ? <p class="hidden-text">{described(q, error)}</p> : null}
    </section>
  );
}

function Fields({ form, limit, onChange }: { form: TraceForm | null; limit: number; onChange: (changes: Partial<TraceForm>, isRun: boolean) => void }) {
  const services = useLoad((signal) => get<{ data: string[] | null }>("/api/services", {}, signal), []);
  const service = form?.service ?? "";
  const operations = useLoad(service ? (signal) => get<{ data: string[] | null }>(`/api/services/${encodeURIComponent(service)}/operations`, {}, signal) : null, [], service);
  const names = services.data?.data ?? [];
  const isOff = form === null;
  return (
    <div class="search-fields" data-off={isOff || undefined}>
      <label class="labelled">
        <span>Service</span>
        <select class="select" disabled={isOff} value={service} onChange={(event) => onChange({ service: event.currentTarget.value, operation: "" }, true)}>
          <option value="">All services</option>
          {service && !names.includes(service) ? <option value={service}>{service}</option> : null}
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <TextField label="Operation" value={form?.operation ?? ""} isOff={isOff} list={operations.data?.data ?? []} placeholder="All" onChange={(operation, isRun) => onChange({ operation }, isRun)} />
      <TextField label="Tags" value={form?.tags ?? ""} isOff={isOff} placeholder='http.route=/cart user="Ann B"' isWrong={(text) => readTags(text).rest !== ""} onChange={(tags, isRun) => onChange({ tags }, isRun)} class="search-tags" />
      <TextField label="Longer than" value={form?.minDuration ?? ""} isOff={isOff} placeholder="100ms" isWrong={(text) => text !== "" && !isDuration(text)} onChange={(minDuration, isRun) => onChange({ minDuration }, isRun)} class="search-short" />
      <TextField label="Shorter than" value={form?.maxDuration ?? ""} isOff={isOff} placeholder="2s" isWrong={(text) => text !== "" && !isDuration(text)} onChange={(maxDuration, isRun) => onChange({ maxDuration }, isRun)} class="search-short" />
      <label class="labelled">
        <span>Status</span>
        <select class="select" disabled={isOff} value={form?.status ?? ""} onChange={(event) => onChange({ status: event.currentTarget.value as TraceForm["status"] }, true)}>
          <option value="">Any</option>
          <option value="error">Error</option>
          <option value="ok">OK</option>
          <option value="unset">Unset</option>
        </select>
      </label>
      <label class="labelled">
        <span>At most</span>
        <select class="select" value={String(limit)} onChange={(event) => navigate({ limit: event.currentTarget.value === String(USUAL_LIMIT) ? null : event.currentTarget.value })}>
          {[...new Set([...LIMITS, limit])]
            .sort((a, b) => a - b)
            .map((one) => (
              <option key={one} value={String(one)}>
                {one}
              </option>
            ))}
        </select>
      </label>
    </div>
  );
}

interface TextProps {
  label: string;
  value: string;
  isOff: boolean;
  placeholder: string;
  list?: readonly string[];
  class?: string;
  isWrong?: (text: string) => boolean;
  onChange: (text: string, isRun: boolean) => void;
}

/** Keeps what is typed while it makes no sense yet; Enter and leaving the field run the search. */
function TextField({ label, value, isOff, placeholder, list = [], class: name = "", isWrong = () => false, onChange }: TextProps) {
  const [draft, setDraft] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const id = `search-${label.toLowerCase().replace(/\W+/g, "-")}`;
  useEffect(() => {
    // While somebody types, what comes back may be older than what the field has.
    if (input.current !== document.activeElement) setDraft(value);
  }, [value]);
  const wrong = isWrong(draft.trim());
  return (
    <label class={`labelled ${name}`}>
      <span>{label}</span>
      <input
        ref={input}
        class="input"
        value={draft}
        disabled={isOff}
        placeholder={placeholder}
        list={list.length ? id : undefined}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={wrong}
        onInput={(event) => {
          const text = event.currentTarget.value;
          setDraft(text);
          if (!isWrong(text.trim())) onChange(text.trim(), list.includes(text));
        }}
        onKeyDown={(event) => event.key === "Enter" && !wrong && onChange(draft.trim(), true)}
        onChange={() => !wrong && onChange(draft.trim(), true)}
      />
      {wrong ? (
        <span class="field-wrong" role="alert">
          <Icon name="warning" /> {label === "Tags" ? "write key=value" : "write 100ms or 1.5s"}
        </span>
      ) : null}
      {list.length ? (
        <datalist id={id}>
          {list.slice(0, 500).map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      ) : null}
    </label>
  );
}
