/** Vigil's mark: an open eye that is also a shield's edge. */
export function Mark({ sizePx = 18 }: { sizePx?: number }) {
  return (
    <svg width={sizePx} height={sizePx} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#1f62c4" />
      <path
        d="M5.5 16C8.6 11 12 8.6 16 8.6S23.4 11 26.5 16C23.4 21 20 23.4 16 23.4S8.6 21 5.5 16Z"
        fill="none"
        stroke="#fff"
        strokeWidth="2.4"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="16" r="3.8" fill="#fff" />
    </svg>
  );
}
