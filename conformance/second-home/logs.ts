/** What our programs may not have to say on a cluster: that they were refused, or that they do not understand an answer. */
const MISTAKES = [/forbidden/i, /"code":4(?:00|01|03|05|15|22)\b/, /"level":60/, /TypeError|AssertionError/];

/** Lines of logs that tell a mistake of ours, each once. @param logs by pod */
export function mistakesIn(logs: Readonly<Record<string, string>>): readonly string[] {
  const found = new Set<string>();
  for (const [pod, text] of Object.entries(logs)) {
    for (const line of text.split('\n')) {
      if (!MISTAKES.some((pattern) => pattern.test(line))) continue;
      const told = line.replaceAll(/"time":\d+,?/g, '').slice(0, 1_000);
      found.add(`${pod}: ${told}`);
    }
  }
  return [...found];
}
