const STORED = "vigil-single-keys";

/** Whether single-key shortcuts are on in this browser; they are unless turned off (WCAG 2.1.4). */
export function singleKeysOn(): boolean {
  return typeof localStorage === "undefined" || localStorage.getItem(STORED) !== "off";
}

/** Turns single-key shortcuts on or off in this browser. */
export function setSingleKeys(on: boolean): void {
  localStorage.setItem(STORED, on ? "on" : "off");
}
