// All fields of a silence, with what it takes as it is written. It is sent as the form without scripts is.
import { useEffect, useState } from "preact/hooks";
import { splitMatchers } from "../../data/alerts";
import { preview } from "../../data/alerts_api";
import { useLoad } from "../../parts/hooks";
import { Choice } from "../../parts/tabs";
import { link } from "../../state/address";
import { Preview } from "../alerts/silence";
import { setYourName, yourName } from "../alerts/you";

type Given = Record<"m" | "by" | "comment" | "duration" | "starts" | "ends", string>;

const PRESETS: readonly (readonly [string, string])[] = [["1h", "1 h"], ["4h", "4 h"], ["1d", "1 d"], ["1w", "1 w"]];
const TYPING_MS = 300;

export function SilenceForm({ given, action }: { given: Given; action: string }) {
  const isChange = action.endsWith("/edit");
  const [fields, setFields] = useState<Given>({ ...given, by: given.by || yourName() });
  const [wanted, setWanted] = useState(given.m);
  const [hasTimes, setHasTimes] = useState(isChange || Boolean(given.starts || given.ends));
  const set = (name: keyof Given) => (event: { currentTarget: HTMLInputElement }) => setFields({ ...fields, [name]: event.currentTarget.value });
  useEffect(() => {
    const timer = setTimeout(() => setWanted(fields.m), TYPING_MS);
    return () => clearTimeout(timer);
  }, [fields.m]);
  const isWritten = splitMatchers(wanted).length > 0;
  const found = useLoad(isWritten ? (signal) => preview(wanted, signal) : null, [wanted]);
  return (
    <>
      <form class="panel silence-form" method="post" action={action} onSubmit={() => setYourName(fields.by)}>
        <label class="labelled">
          <span>Matchers: alerts with all of these notify nobody</span>
          <input class="input mono" name="m" value={fields.m} required placeholder='alertname="NAME",job=~"api.*"' autocomplete="off" spellcheck={false} data-search onInput={set("m")} />
        </label>
        {isChange && wanted !== given.m ? <p class="quiet-text">With other matchers the old silence ends, and a new one takes its place.</p> : null}
        <div class="silence-times">
          <div class="labelled">
            <span>{isChange ? "From now on" : "How long"}</span>
            <div class="toolbar">
              <Choice label="How long" options={PRESETS} value={fields.duration} onChoose={(duration) => setFields({ ...fields, duration, ...(isChange ? {} : { ends: "" }) })} />
              <input class="input silence-custom" name="duration" aria-label="Duration" placeholder={isChange ? "keep the end" : "2h"} value={fields.duration} onInput={set("duration")} />
            </div>
          </div>
          {hasTimes ? (
            <>
              <label class="labelled">
                <span>Starts (UTC; empty: now)</span>
                <input class="input mono" name="starts" value={fields.starts} placeholder="2025-01-31T18:00:00Z" onInput={set("starts")} />
              </label>
              <label class="labelled">
                <span>Ends (UTC)</span>
                <input class="input mono" name="ends" value={fields.ends} placeholder="2025-01-31T20:00:00Z" onInput={set("ends")} />
              </label>
            </>
          ) : (
            <button type="button" class="link-button" onClick={() => setHasTimes(true)}>
              Exact times
            </button>
          )}
        </div>
        <label class="labelled">
          <span>Why</span>
          <input class="input" name="comment" value={fields.comment} required maxLength={1000} onInput={set("comment")} />
        </label>
        <label class="labelled">
          <span>Your name</span>
          <input class="input silence-name" name="by" value={fields.by} required maxLength={200} autocomplete="username" onInput={set("by")} />
        </label>
        <p class="toolbar">
          <button class="tool primary">{isChange ? "Save" : "Silence"}</button>
          <span class="quiet-text">
            To stop pages until an alert is resolved, <a href={link("/alerts", { m: isWritten ? wanted : null })}>acknowledge</a> it instead.
          </span>
        </p>
      </form>
      <Preview matchers={isWritten ? wanted : ""} found={found.data} error={found.error} isStale={found.isLoading} />
    </>
  );
}
