// "Silence" where the page was drawn by the server: the same popover as in the list.
import { useEffect, useState } from "preact/hooks";
import { SilencePopover } from "./silence";
import { yourName } from "./you";

export function SilenceButton({ matchers }: { matchers: string }) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    for (const field of document.querySelectorAll<HTMLInputElement>("[data-your-name]")) field.value = yourName();
  }, []);
  return (
    <>
      <button type="button" class="tool" onClick={() => setOpen(true)}>
        Silence
      </button>
      {isOpen ? <SilencePopover matchers={matchers} onClose={() => setOpen(false)} onDone={() => location.reload()} /> : null}
    </>
  );
}
