export type LabelOperator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}
/** Throws SelectorError (HTTP 400) with Kubernetes' text. */
export function parseLabelSelector(_text: string): readonly LabelRequirement[] {
  throw new Error('not written yet');
}
export function labelsMatch(
  _requirements: readonly LabelRequirement[],
  _labels: Readonly<Record<string, string>> | undefined,
): boolean {
  throw new Error('not written yet');
}
