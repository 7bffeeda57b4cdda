import type { GatewayCondition } from '@causeway/apis/gateway-api/condition';

/** A condition before it is written: without times and generation. */
export interface Verdict {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export function verdict(type: string, holds: boolean, reason: string, message: string): Verdict {
  return { type, status: holds ? 'True' : 'False', reason, message };
}

export function holds(verdicts: readonly Verdict[], type: string): boolean {
  return verdicts.some((each) => each.type === type && each.status === 'True');
}

/**
 * Verdicts as conditions. A status that stays keeps its time; conditions of other types, which somebody else wrote, stay.
 *
 * @param generation of the object that the verdicts are about
 * @param own types of which none stays that is not among the verdicts
 */
export function asConditions(
  verdicts: readonly Verdict[],
  before: readonly GatewayCondition[],
  { generation, now, own = [] }: { readonly generation: number; readonly now: Date; readonly own?: readonly string[] },
): readonly GatewayCondition[] {
  const types = new Set([...own, ...verdicts.map(({ type }) => type)]);
  const time = now.toISOString().replace(/\.\d+/, '');
  return [
    ...verdicts.map((each) => {
      const last = before.find(({ type }) => type === each.type);
      const lastTransitionTime = last?.status === each.status ? last.lastTransitionTime : time;
      return { ...each, observedGeneration: generation, lastTransitionTime };
    }),
    ...before.filter(({ type }) => !types.has(type)),
  ];
}
