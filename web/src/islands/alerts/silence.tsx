// Silence in two clicks: the first opens this with what it would silence, the second silences.
import { useEffect, useRef, useState } from "preact/hooks";
import { splitMatchers } from "../../data/alerts";
import { type Matched, preview, shapes, silence } from "../../data/alerts_api";
import { count } from "../../data/format";
import { promDuration } from "../../data/prometheus_api";
import { reason } from "../../data/overview";
import { parseRange } from "../../data/url";
import { useLoad } from "../../parts/hooks";
import { Choice } from "../../parts/tabs";
import { toast } from "../../parts/toast";
import { now } from "../../state/time";
import { useYourName } from "./you";

const PRESETS = [["1h", "1 h"], ["4h", "4 h"], ["1d", "1 d"], ["custom", "Custom"]] as const;

export function SilencePopover({ matchers: given, onClose, onDone }: { matchers: string; onClose: () => void; onDone: (id: string) => void }) {
  const [texts, setTexts] = useState(() => splitMatchers(given).map((text) => ({ text, isOn: true })));
  const [preset, setPreset] = useState<string>("4h");
  const [custom, setCustom] = useState("2h");
  const [comment, setComment] = useState("");
  const [by, setBy] = useYourName();
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const on = texts.filter((one) => one.isOn).map((one) => one.text);
  const wanted = on.length ? `{${on.join(",")}}` : "";
  const found = useLoad(wanted ? (signal) => preview(wanted, signal) : null, [wanted]);
  const seconds = parseRange(preset === "custom" ? custom : preset);
  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!seconds || !wanted) return;
    setBusy(true);
    try {
      const at = now();
      const id = await silence({ m: wanted, startsAt: new Date(at).toISOString(), endsAt: new Date(at + seconds * 1000).toISOString(), by: by || "web", comment: comment || `Silenced from the alerts page for ${promDuration(seconds * 1000)}` }, shapes(on));
      toast(`Silenced for ${promDuration(seconds * 1000)}`);
      onDone(id);
    } catch (error) {
      setProblem(reason(error));
      setBusy(false);
    }
  };
  return (
    <dialog class="dialog silence-dialog" ref={dialog} aria-labelledby="silence-title" onClose={onClose} onClick={(event) => event.target === dialog.current && dialog.current?.close()}>
      <form onSubmit={(event) => void create(event)}>
        <div class="dialog-head">
          <h2 id="silence-title">Silence</h2>
          <button type="button" class="tool quiet" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        <div class="dialog-body silence-body">
          <fieldset class="silence-matchers">
            <legend>Alerts with all of these</legend>
            {texts.map((one, i) => (
              <label key={one.text} class="check">
                <input type="checkbox" checked={one.isOn} onChange={() => setTexts(texts.map((other, at) => (at === i ? { ...other, isOn: !other.isOn } : other)))} />
                <code>{one.text}</code>
              </label>
            ))}
          </fieldset>
          <div class="toolbar">
            <Choice label="How long" options={PRESETS} value={preset} onChoose={setPreset} />
            {preset === "custom" ? <input class="input silence-custom" aria-label="Duration" value={custom} aria-invalid={seconds === null} onInput={(event) => setCustom(event.currentTarget.value)} /> : null}
          </div>
          <label class="labelled">
            <span>Why (for whoever finds it)</span>
            <input class="input" value={comment} maxLength={1000} onInput={(event) => setComment(event.currentTarget.value)} />
          </label>
          <label class="labelled">
            <span>Your name</span>
            <input class="input" value={by} maxLength={200} autocomplete="username" onInput={(event) => setBy(event.currentTarget.value)} />
          </label>
          <Preview matchers={wanted} found={found.data} error={found.error} isStale={found.isLoading} />
          {problem ? <p class="problem" role="alert">{problem}</p> : null}
        </div>
        <div class="dialog-foot">
          <a class="tool quiet" href={`/silences/new?m=${encodeURIComponent(wanted)}`}>
            All fields
          </a>
          <button type="submit" class="tool primary" disabled={isBusy || !wanted || !seconds} autofocus>
            Silence for {seconds ? promDuration(seconds * 1000) : "…"}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** What would be silenced now; also used by the page with all fields. */
export function Preview({ matchers, found, error, isStale }: { matchers: string; found: Matched | null; error: string | null; isStale: boolean }) {
  if (!matchers) return <p class="quiet-text">Without a matcher nothing is silenced.</p>;
  if (error) return <p class="problem">{error}</p>;
  if (!found) return <p class="quiet-text">Looking for alerts…</p>;
  const { alerts, count: total } = found;
  return (
    <div class="preview" aria-live="polite" data-stale={isStale || undefined}>
      <p>
        <strong>{total ? `Silences ${count(total)} ${total === 1 ? "alert" : "alerts"} now` : "No alert that fires matches"}</strong>
        {total ? null : "; alerts that come later are silenced, too"}
      </p>
      <ul>
        {alerts.slice(0, 5).map((row) => (
          <li key={row.fingerprint}>
            {row.name} <span class="quiet-text mono">{row.labels.map(([name, value]) => `${name}=${value}`).join(" ")}</span>
          </li>
        ))}
        {total > 5 ? <li class="quiet-text">and {count(total - 5)} more</li> : null}
      </ul>
    </div>
  );
}
