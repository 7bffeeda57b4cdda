import { checkManifests, type Finding } from '@causeway/explain/ingress-nginx/check';
import { describe, expect, test } from 'vitest';
import { serviceTo } from '../acceptance/objects.ts';
import { CASES } from './compatibility/cases.ts';
import { CLASS, hostOf, ingressesOf } from './compatibility/manifests.ts';
import { judgedAnnotations, sameShare } from './compatibility/page.ts';

const CLASS_OBJECT = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: CLASS },
  spec: { controller: 'k8s.io/ingress-nginx' },
};
const OPTIONS = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
  data: { 'annotations-risk-level': 'Critical', 'global-allowed-response-headers': 'X-Custom,X-Dollar' },
};
const HEADERS = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'headers', namespace: 'default' },
  data: { 'X-Custom': '42', 'X-Dollar': '$remote_addr' },
};
const SERVICES = ['app', 'other', 'trio', 'none', 'secure', 'calls', 'limping', 'counted'].map(
  (name) => serviceTo({ name, port: 1 })[0],
);

/** What `causeway convert ingress-nginx --check` says about the annotations of a case. */
function findingsOf(index: number): { findings: readonly Finding[]; missing: number } {
  const one = CASES[index];
  if (one === undefined) throw new RangeError(`there is no case ${index}`);
  const filled = (text: string) => text.replace('{namespace}', 'default').replace(/\{(auth|mirror)\}/g, '192.0.2.1');
  const objects = [CLASS_OBJECT, OPTIONS, HEADERS, ...SERVICES, ...ingressesOf(one, hostOf(index), filled)];
  const found = checkManifests(
    objects.map((object) => ({ object, mistakes: [] })),
    { refusals: () => [] },
  );
  const findings = found.objects.filter(({ kind }) => kind === 'Ingress').flatMap((object) => object.findings);
  return { findings: findings.filter(({ subject }) => one.of.includes(subject)), missing: found.missing.length };
}

describe('what the cases of docs/ingress-nginx-compatibility.md add up to', () => {
  const judged = judgedAnnotations(CASES);

  test('every annotation but those of earlier versions is tried', () => {
    const untried = judged.filter(({ group, cases }) => group !== 'earlier versions' && cases.length === 0);
    expect(untried.map(({ name }) => name)).toEqual([]);
  });

  test('nothing is tried that ingress-nginx does not know', () => {
    const known = judged.map(({ name }) => name);
    expect(CASES.flatMap(({ of }) => of).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('at least 95 % of the annotations behave as there', () => {
    expect(sameShare(judged.filter(({ group }) => group !== 'earlier versions'))).toBeGreaterThanOrEqual(0.95);
  });
});

describe('convert ingress-nginx --check says what nginx does', () => {
  const numbered = CASES.map((one, index) => [`${one.of.join(', ')}: ${one.does}`, one, index] as const);

  test.each(numbered.filter(([, { deviates }]) => deviates === undefined))('%s', (_, __, index) => {
    // A value that cannot be read is told, though it counts as absent there too.
    const worse = findingsOf(index).findings.filter(
      ({ verdict, reason = '' }) => verdict === 'refused' && !/Invalid value|must be|that is none/.test(reason),
    );
    expect(worse).toEqual([]);
  });

  test.each(numbered.filter(([, { deviates }]) => deviates !== undefined))('%s: not the same', (_, __, index) => {
    const { findings, missing } = findingsOf(index);
    expect(findings.some(({ verdict }) => verdict !== 'same') || missing > 0).toBe(true);
  });
});
