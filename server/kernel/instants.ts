/** The earlier of two instants. */
export const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

/** The later of two instants. */
export const later = (a: Date, b: Date): Date => (a < b ? b : a);
