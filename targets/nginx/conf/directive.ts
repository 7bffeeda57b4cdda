/** Values of directives of nginx.conf, each from a number or a switch (design D7). */
import assert from 'node:assert/strict';

/** The lines for a value, or none. */
export function optional<T>(value: T | undefined, line: (value: T) => string): readonly string[] {
  return value === undefined ? [] : [line(value)];
}

export function onOff(value: boolean): 'on' | 'off' {
  return value ? 'on' : 'off';
}

/** @param bytes whole, 0 or more */
export function size(bytes: number): string {
  return bytes > 0 && bytes % 1024 === 0 ? `${whole(bytes / 1024)}k` : whole(bytes);
}

/** @param ms whole, 0 or more */
export function time(ms: number): string {
  return ms % 1_000 === 0 ? `${whole(ms / 1_000)}s` : `${whole(ms)}ms`;
}

export function whole(value: number): string {
  assert(Number.isSafeInteger(value) && value >= 0, `a setting of nginx cannot be ${value}`);
  return String(value);
}

/** One of the words that nginx knows here. */
export function oneOf(words: ReadonlySet<string>, word: string): string {
  assert(words.has(word), `a setting of nginx cannot be ${word}`);
  return word;
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** A text of ours that means the same to nginx and to Lua. */
export function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in there
  assert(!/["\\$\x00-\x1f]/.test(text), `this cannot be written into nginx.conf: ${text}`);
  return `"${text}"`;
}
