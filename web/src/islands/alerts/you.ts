// Who acknowledges and silences: a name, kept in this browser.
import { useState } from "preact/hooks";

const KEY = "appliance-name";
const NOBODY = "web";

export function yourName(): string {
  try {
    return localStorage.getItem(KEY) || NOBODY;
  } catch {
    return NOBODY; // private windows may have no storage
  }
}

export function setYourName(name: string): void {
  try {
    localStorage.setItem(KEY, name.trim());
  } catch {
    // stays for as long as the page
  }
}

/** The name and what changes it. */
export function useYourName(): [string, (name: string) => void] {
  const [name, set] = useState(yourName);
  return [
    name,
    (next) => {
      set(next);
      setYourName(next);
    },
  ];
}
