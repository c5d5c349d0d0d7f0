import Link from "next/link";

export default function NotFound() {
  return (
    <main style={{ padding: "18vh 24px", maxWidth: 520, margin: "0 auto" }}>
      <h1 style={{ fontSize: 18 }}>There is no such page</h1>
      <p className="muted">The address may be mistyped, or what it named was never there.</p>
      <Link href="/">Go to the overview</Link>
    </main>
  );
}
