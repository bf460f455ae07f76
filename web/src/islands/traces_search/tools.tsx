// What can be done with found traces, and ways to others: compare, upload, copy.
import { useRef, useState } from "preact/hooks";
import { ask } from "../../data/api";
import { reason } from "../../data/overview";
import { CopyAs, quoted } from "../../parts/copy_as";
import { Icon } from "../../parts/icon";
import { toast } from "../../parts/toast";
import { link } from "../../state/address";
import { refresh, time } from "../../state/time";
import { COMPARED } from "./limits";

interface Imported {
  format: string;
  spans: number;
  traces: string[];
  trace_count: number;
  rejected: number;
  message: string;
}

export function Tools({ chosen, q, limit }: { chosen: readonly string[]; q: string; limit: number }) {
  const [a, b] = chosen;
  const isReady = chosen.length === COMPARED;
  return (
    <>
      {isReady ? (
        <a class="tool primary" href={link("/traces/compare", { a: a ?? null, b: b ?? null })}>
          <Icon name="compare" />
          Compare
        </a>
      ) : (
        <button type="button" class="tool" disabled title="Choose two traces by their boxes">
          <Icon name="compare" />
          Compare {chosen.length ? "(one more)" : ""}
        </button>
      )}
      <Upload />
      <CopyAs forms={formsOf(q, limit)} />
    </>
  );
}

function Upload() {
  const input = useRef<HTMLInputElement>(null);
  const [isBusy, setBusy] = useState(false);
  const send = async (file: File): Promise<void> => {
    setBusy(true);
    try {
      const found = await ask<Imported>("/api/ui/traces/import", { method: "POST", body: await file.arrayBuffer(), headers: { "Content-Type": "application/json" } });
      if (found.trace_count === 1 && found.traces[0]) location.assign(link(`/traces/${found.traces[0]}`));
      else {
        toast(`Imported ${found.spans} spans of ${found.trace_count} traces (${found.format})`);
        refresh();
      }
    } catch (error) {
      toast(`${file.name} could not be imported: ${reason(error)}`, "failed");
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" class="tool" disabled={isBusy} title="A file of OTLP, Jaeger, Tempo or Zipkin JSON" onClick={() => input.current?.click()}>
        <Icon name="push" />
        {isBusy ? "Uploading" : "Upload"}
      </button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        hidden
        aria-label="File with traces"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) void send(file);
        }}
      />
    </>
  );
}

function formsOf(q: string, limit: number) {
  const query = q || "{ }";
  const { start, end } = time().window;
  const [from, to] = [Math.floor(start / 1000), Math.ceil(end / 1000)];
  return [
    { name: "curl", text: () => `curl -G ${location.origin}/api/search --data-urlencode ${quoted(`q=${query}`)} -d limit=${limit} -d start=${from} -d end=${to}` },
    { name: "appliance", text: () => `appliance query traceql ${quoted(query)} --from ${from} --to ${to} --addr ${location.origin}` },
    { name: "TraceQL", text: () => query },
    { name: "Markdown", text: () => `[${query}](${location.href})` },
  ];
}
