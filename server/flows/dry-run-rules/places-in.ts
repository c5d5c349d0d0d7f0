/** The places that `0-3, 7` names: which actions of a request were refused. What is no place is passed over. */
export function placesIn(text: string): ReadonlySet<number> {
  const places = new Set<number>();
  for (const part of text.split(", ")) {
    const found = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part);
    if (!found) continue;
    const from = Number(found[1]);
    for (let place = from; place <= Number(found[2] ?? from); place++) places.add(place);
  }
  return places;
}
