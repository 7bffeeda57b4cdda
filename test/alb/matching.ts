/** Rules that are told apart by the backend that answers. */
import type { Rule } from '@causeway/resources/kinds';
import { expect } from 'vitest';
import { type Ask, ask } from '../acceptance/http-request.ts';
import { group, rule } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, type Lab } from './lab.ts';

export type Term = NonNullable<Rule['spec']['dslx']>[number];

/** A request and who answers it: a backend by name, or the proxy with a status. */
export interface Match extends Ask {
  readonly name: string;
  readonly path?: string;
  readonly want: string | number;
}

/** Everything that has these terms goes to that backend. */
export function to(backend: string, ...dslx: readonly Term[]): Rule['spec'] {
  return { dslx, serviceGroup: group({ [backend]: 100 }) };
}

export function startsWith(path: string): Term {
  return { type: 'URL', values: [['STARTS_WITH', path]] };
}

/** Rules of one Frontend, by name, applied at once. */
export async function addRules(lab: Lab, of: string, rules: Readonly<Record<string, Rule['spec']>>): Promise<void> {
  await lab.home.apply(...Object.entries(rules).map(([name, spec]) => rule({ alb: ALB, frontend: of, name }, spec)));
}

/** Asks until the answer is the one that is wanted. */
export async function expectMatch(port: number, { path, want, name: _name, ...request }: Match): Promise<void> {
  await eventually(async () => {
    const { status, headers } = await ask(port, path, request);
    expect(typeof want === 'number' ? status : headers['x-backend']).toBe(want);
  });
}
