/**
 * Text of another system, safe to keep and to show: no control, invisible, bidirectional or unassigned characters and
 * no lone surrogates, composed, one line, at most so many characters.
 */
export function plainText(text: string, charsMax: number): string {
  const plain = text
    .slice(0, 4 * charsMax)
    .replace(/[\t\r\n]+/g, " ")
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, "")
    .replace(/[\s\p{M}]{3,}/gu, " ")
    .normalize("NFC")
    .trim();
  return [...plain].slice(0, charsMax).join("").trim();
}
