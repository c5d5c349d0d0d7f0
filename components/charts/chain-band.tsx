import { type ChainCounts, chainCells } from "./chain-cells.ts";
import classes from "./charts.module.css";

const count = (value: number) => value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** Durable, chained and provable, apart: what a crash keeps, what order keeps, what a signature proves. */
export function ChainBand({ provable, chained, durable, broken }: ChainCounts & { broken?: boolean }) {
  const cells = chainCells({ provable, chained, durable });
  const text = `${count(provable)} records provable, ${count(chained)} more chained, ${count(durable)} more durable`;
  return (
    <div>
      <div className={classes.band} role="img" aria-label={text}>
        {cells.map((state, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
          <span key={index} className={classes.cell} data-state={broken ? "broken" : state} />
        ))}
      </div>
      <ul className={classes.legend}>
        <Legend colour="var(--v-ok)" word="provable" value={count(provable)} />
        <Legend
          colour="color-mix(in srgb, var(--v-ok) 45%, var(--v-surface))"
          word="chained"
          value={`+${count(chained)}`}
        />
        <Legend colour="var(--v-line-strong)" word="durable" value={`+${count(durable)}`} />
      </ul>
    </div>
  );
}

function Legend({ colour, word, value }: { colour: string; word: string; value: string }) {
  return (
    <li>
      <span className={classes.swatch} style={{ background: colour }} />
      <span style={{ color: "var(--v-muted)" }}>{word}</span> {value}
    </li>
  );
}
