"use client";

import { type AlertFacets, FACETS } from "#server/layers/monitoring/alert-work-schema.ts";
import { toWords } from "../ui/format.ts";
import classes from "./alerts.module.css";
import { termOf, withTerm } from "./query-text.ts";

type Props = { facets: AlertFacets["facets"]; query: string; onQuery: (query: string) => void };

/** What the matching alerts are made of; a press adds a value to the query, or leaves it out. */
export function AlertFacetList({ facets, query, onQuery }: Props) {
  return (
    <div className={classes.facets}>
      {FACETS.filter((facet) => facets[facet].length > 0).map((facet) => (
        <div key={facet}>
          <h3>{toWords(facet)}</h3>
          <ul>
            {facets[facet].map(({ value, count }) => (
              <li key={value}>
                <button
                  type="button"
                  onClick={() => onQuery(withTerm(query, termOf(facet, value)))}
                  title={value}
                >
                  <span>{value}</span>
                  <span className="mono">{count}</span>
                </button>
                <button
                  type="button"
                  className={classes.minus}
                  onClick={() => onQuery(withTerm(query, termOf(facet, value), true))}
                  aria-label={`Leave out ${facet} ${value}`}
                >
                  −
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
