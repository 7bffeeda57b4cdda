/**
 * Text with what users wrote in it, for a terminal: characters that move the cursor or hide others are shown as `\u{1b}`. Line ends
 * stay.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (char) => (char === '\n' ? char : escaped(char)));
}

/** The same for one cell or word: in a line. */
export function printableWord(text: string): string {
  return printable(text).replaceAll('\n', escaped('\n'));
}

function escaped(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}
