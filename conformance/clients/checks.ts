import assert from 'node:assert/strict';

export interface CheckResult {
  readonly name: string;
  /** Absent: it holds. */
  readonly failure?: string;
}

/** What a client was seen to do, one check after the other; a failure does not end the others. */
export class Checks {
  readonly results: CheckResult[] = [];

  async check(name: string, act: () => Promise<void> | void): Promise<void> {
    try {
      await act();
      this.results.push({ name });
    } catch (error) {
      this.results.push({ name, failure: error instanceof Error ? error.message : String(error) });
    }
  }

  get failures(): readonly CheckResult[] {
    return this.results.filter(({ failure }) => failure !== undefined);
  }
}

/** @throws AssertionError with the whole text */
export function says(text: string, part: string | RegExp): void {
  const found = typeof part === 'string' ? text.includes(part) : part.test(text);
  assert.ok(found, `not ${part} in:\n${text}`);
}

/** The opposite of {@link says}. */
export function saysNot(text: string, part: string | RegExp): void {
  const found = typeof part === 'string' ? text.includes(part) : part.test(text);
  assert.ok(!found, `${part} in:\n${text}`);
}
