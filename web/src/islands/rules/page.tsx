// The rules of this server: found by words and state, each with its expression and how it does.
import { useEffect, useState } from "preact/hooks";
import { ago, count, duration } from "../../data/format";
import { get } from "../../data/api";
import { type RuleGroupRow, type RulesDocument, stateBadge } from "../../data/rules";
import { useLoad } from "../../parts/hooks";
import { Empty, Notice } from "../../parts/notice";
import { Choice } from "../../parts/tabs";
import { navigate, useAddress } from "../../state/address";
import { now } from "../../state/time";
import { RuleItem } from "./rule";

const EVERY_MS = 15_000;
const TYPING_MS = 250;

export function Rules({ given }: { given: RulesDocument }) {
  const params = useAddress();
  const q = params.get("q") ?? "";
  const state = params.get("state") ?? "";
  const [asked] = useState({ q, state });
  const [round, setRound] = useState(0);
  const isFirst = round === 0 && q === asked.q && state === asked.state;
  const loaded = useLoad(isFirst ? null : (signal) => get<RulesDocument>("/alerts.json", { view: "rules", q: q || null, state: state || null }, signal), [q, state, round]);
  const found = loaded.data ?? given;
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setRound((before) => before + 1), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <Tools q={q} state={state} found={found} />
      {loaded.error ? <Notice kind="error">{loaded.error}</Notice> : null}
      {found.groups.map((group) => (
        <Group key={`${group.file} ${group.name}`} group={group} />
      ))}
      {found.shown < found.matching ? <Notice kind="info">{`The first ${count(found.shown)} of ${count(found.matching)} rules are shown; words narrow the list.`}</Notice> : null}
      {found.counts["all"] ? null : (
        <section class="panel">
          <Empty title="No rules loaded" commandTitle="appliance.yml" command={"prometheus:\n  rules: [rules/*.yml]\npacks: [immoflow, watchdog]"}>
            Name rule files in appliance.yml, or turn on the rules that come along:
          </Empty>
        </section>
      )}
      {found.counts["all"] && !found.groups.length ? (
        <p class="empty">
          No rule matches.{" "}
          <button type="button" class="link-button" onClick={() => navigate({ q: null, state: null })}>
            Show all {found.counts["all"]}
          </button>
        </p>
      ) : null}
    </>
  );
}

function Tools({ q, state, found }: { q: string; state: string; found: RulesDocument }) {
  const [text, setText] = useState(q);
  useEffect(() => {
    const timer = setTimeout(() => navigate({ q: text.trim() || null }, { replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    if (q !== text.trim()) setText(q);
  }, [q]);
  const named: [string, string][] = [
    ["", "All"],
    ["firing", "Firing"],
    ["pending", "Pending"],
    ["inactive", "Inactive"],
    ["recording", "Recording"],
    ["err", "Errors"],
  ];
  const options = named.map(([id, name]): [string, string] => [id, `${name} ${count(found.counts[id || "all"] ?? 0)}`]);
  return (
    <div class="toolbar">
      <input class="input alerts-matchers" type="search" data-search aria-label="Words" value={text} placeholder="Name, expression, label, file" onInput={(event) => setText(event.currentTarget.value)} />
      <Choice label="State" options={options} value={state} onChoose={(next) => navigate({ state: next || null })} />
    </div>
  );
}

function Group({ group }: { group: RuleGroupRow }) {
  const [file, name] = [group.file, group.name];
  return (
    <section class="panel" aria-label={name}>
      <div class="panel-head">
        <h2>{name}</h2>
        <span class="panel-note breakable">
          {file} · {group.language === "promql" ? "PromQL" : group.language === "logql" ? "LogQL" : "TraceQL"} · every {duration(group.interval_seconds * 1e9)}
          {group.last_ms ? ` · evaluated ${ago(now() - group.last_ms)}, took ${duration(group.seconds * 1e9)}` : " · not evaluated yet"}
        </span>
        {stateBadge(group) ? (
          <span class="badge" data-kind={stateBadge(group)?.kind}>
            {stateBadge(group)?.text}
          </span>
        ) : null}
      </div>
      <ul class="rules">
        {group.rules.map((rule, i) => (
          <RuleItem key={`${rule.name} ${i}`} rule={rule} />
        ))}
      </ul>
    </section>
  );
}
