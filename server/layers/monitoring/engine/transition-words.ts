import type { TransitionView } from "../alert-work-schema.ts";

/** What somebody did to an alert, as the end of a sentence that begins with who: `closed it as false positive`. */
export function transitionWords({ kind, detail }: Pick<TransitionView, "kind" | "detail">): string {
  const said = (name: string) => (typeof detail[name] === "string" ? detail[name] : "");
  switch (kind) {
    case "raised":
      return "raised it";
    case "acknowledged":
      return "acknowledged it";
    case "assigned":
      return detail.to ? `assigned it to ${said("to")}` : "took its owner away";
    case "closed":
      return `closed it${said("disposition") ? ` as ${said("disposition").replace("-", " ")}` : ""}`;
    case "suppressed":
      return `suppressed it until ${said("until")}`;
    case "merged":
      return `merged it into alert ${detail.into ?? "another"}`;
    case "unmerged":
      return "took it apart from the alert it was merged into";
    case "reopened":
      return "reopened it";
    case "escalated":
      return `tied it to incident ${detail.incident ?? ""}`.trim();
    case "suppression-lifted":
      return "lifted its suppression";
    case "noted":
      return "wrote a note";
    default:
      return "changed it";
  }
}
