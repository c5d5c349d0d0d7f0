import Link from "next/link";
import type { CSSProperties } from "react";
import type { AppOutput } from "../trpc/output.ts";
import { ToneIcon } from "../ui/badge.tsx";
import { Instant } from "../ui/instant.tsx";
import { type Tone, toneColor } from "../ui/tone.ts";
import classes from "./overview.module.css";

type Posture = AppOutput["overview"]["get"]["posture"];

const TONES: Record<Posture[number]["state"], { tone: Tone; word: string }> = {
  ok: { tone: "ok", word: "fine" },
  warn: { tone: "medium", word: "look" },
  critical: { tone: "critical", word: "act" },
};

/** The seven layers in order, each with one line of truth. */
export function LayerStrip({ posture }: { posture: Posture }) {
  return (
    <ol className={classes.layers} aria-label="The seven layers">
      {posture.map((layer) => {
        const { tone, word } = TONES[layer.state];
        return (
          <li key={layer.layer}>
            <Link
              href={layer.path}
              className={classes.layer}
              style={{ "--tone": toneColor(tone) } as CSSProperties}
            >
              <span className={classes.layerHead}>
                <ToneIcon tone={tone} />
                <span>
                  <span className={classes.layerNumber}>{layer.number}</span> {layer.title}
                </span>
                <span className={classes.layerState}>{word}</span>
              </span>
              <span className={classes.layerLine}>
                {layer.line}
                {layer.at ? (
                  <>
                    {" · "}
                    {layer.at.label} <Instant at={layer.at.instant} as="future" />
                  </>
                ) : null}
              </span>
            </Link>
          </li>
        );
      })}
    </ol>
  );
}
