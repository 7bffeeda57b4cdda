/**
 * Reads the name of a Secret as ALB writes it, `namespace/name` or, the old form, `namespace_name`.
 *
 * @returns `namespace/name`; undefined when it is neither
 */
export function secretId(text: string): string | undefined {
  // A namespace holds neither / nor _, so the first one ends it.
  const match = /^([^/_]+)[/_]([^/]+)$/.exec(text.trim());
  return match === null ? undefined : `${match[1]}/${match[2]}`;
}
