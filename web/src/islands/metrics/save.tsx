// Puts a panel onto a dashboard: a new one, or one that was made here.
import { useState } from "preact/hooks";
import { get, post } from "../../data/api";
import { grafanaPanel, titleOf, withPanel } from "../../data/metric_copy";
import { unitOf } from "../../data/metric_query";
import { reason } from "../../data/overview";
import type { Panel } from "../../data/panels";
import { Dialog } from "../../parts/dialog";
import { useLoad } from "../../parts/hooks";
import { Notice } from "../../parts/notice";

interface Entry {
  uid: string;
  title: string;
  url: string;
  removable: boolean;
}

export function SaveDialog({ panel, onClose }: { panel: Panel; onClose: () => void }) {
  const [uid, setUid] = useState("");
  const [name, setName] = useState("Explored");
  const [title, setTitle] = useState(() => titleOf(panel.expr));
  const [done, setDone] = useState<Entry | null>(null);
  const [problem, setProblem] = useState("");
  const { data } = useLoad((signal) => get<{ dashboards: Entry[] }>("/api/ui/dashboards", {}, signal), []);
  const own = data?.dashboards.filter(({ removable }) => removable) ?? [];
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const known = uid ? await get<Record<string, unknown>>(`/api/ui/dashboards/${encodeURIComponent(uid)}/json`) : null;
      const entry = await put(known, panel, { name, title });
      setDone(entry);
      setProblem("");
    } catch (error) {
      setProblem(reason(error));
    }
  };
  return (
    <Dialog title="Add to a dashboard" onClose={onClose}>
      <form class="dialog-body metrics-alert" onSubmit={(event) => void save(event)}>
        <div class="metrics-alert-form">
          <label class="labelled">
            <span>Dashboard</span>
            <select class="select" value={uid} onChange={(event) => setUid(event.currentTarget.value)}>
              <option value="">A new one</option>
              {own.map((one) => (
                <option key={one.uid} value={one.uid}>
                  {one.title}
                </option>
              ))}
            </select>
          </label>
          {uid ? null : (
            <label class="labelled">
              <span>Its name</span>
              <input class="input" required value={name} onInput={(event) => setName(event.currentTarget.value)} />
            </label>
          )}
          <label class="labelled">
            <span>Title of the panel</span>
            <input class="input" value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
          </label>
        </div>
        <div class="toolbar">
          <button class="tool primary" disabled={done !== null}>
            Add
          </button>
          {done ? (
            <span role="status">
              Added. <a href={done.url}>Open {done.title}</a>
            </span>
          ) : (
            <span class="quiet-text">Dashboards out of files are changed in their files.</span>
          )}
        </div>
        {problem ? <Notice kind="error">{problem}</Notice> : null}
      </form>
    </Dialog>
  );
}

/** Keeps the dashboard with the panel, and says where it is. */
async function put(known: Record<string, unknown> | null, panel: Panel, { name, title }: { name: string; title: string }): Promise<Entry> {
  // What was exported may stand in an envelope.
  const inner = known && typeof known.dashboard === "object" && known.dashboard ? (known.dashboard as Record<string, unknown>) : known;
  const blank = { title: name, uid: `explored-${Date.now().toString(36)}`, schemaVersion: 41, time: { from: "now-6h", to: "now" }, panels: [] };
  const dashboard = withPanel(inner ?? blank, grafanaPanel(panel, { title, unit: unitOf(panel.expr) }));
  return post(`/api/ui/dashboards${known ? "?overwrite=true" : ""}`, dashboard);
}
