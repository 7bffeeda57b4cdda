import { describe, expect, test } from 'vitest';
import { chooseCertificate, type ValidCertificate } from './certificate-choice.ts';
import type { Problem } from './problem.ts';

const DAY = 24 * 3_600_000;
const NOW = Date.parse('2026-06-01T00:00:00Z');
const object: Problem['object'] = { kind: 'Secret', key: { namespace: 'n', name: 'c' } };

function certificate(name: string, fromDays: number, toDays: number): ValidCertificate {
  return {
    fragment: { kind: 'certificate', id: 'n/c', chainPem: name, keyPem: '' },
    notBefore: NOW + fromDays * DAY,
    notAfter: NOW + toDays * DAY,
  };
}

const good = certificate('good', -1, 90);
const broken: Problem = { object, reason: 'InvalidCertificate', message: 'broken', severity: 'Warning' };

describe('what is shown for a Secret', () => {
  const cases = [
    { name: 'a valid one', now: good, want: 'good', told: [] },
    {
      name: 'nothing, when the Secret is bad from the start',
      problems: [broken],
      want: undefined,
      told: ['broken'],
    },
    {
      name: 'the one before, when the Secret becomes bad',
      problems: [broken],
      before: certificate('before', -9, 9),
      want: 'before',
      told: ['broken; the certificate before it stays in use'],
    },
    {
      name: 'nothing, when the Secret is deleted',
      problems: [broken],
      missing: true,
      before: certificate('before', -9, 9),
      want: undefined,
      told: ['broken'],
    },
    {
      name: 'one that expires soon, told',
      now: certificate('soon', -80, 10),
      want: 'soon',
      told: ['data[tls.crt]: expires at 2026-06-11T00:00:00.000Z'],
    },
    {
      name: 'the one before, when the new one is expired',
      now: certificate('old', -80, -1),
      before: certificate('before', -9, 9),
      want: 'before',
      told: ['data[tls.crt]: expired at 2026-05-31T00:00:00.000Z; the certificate before it stays in use'],
    },
    {
      name: 'the new one, when both are expired',
      now: certificate('old', -80, -1),
      before: certificate('before', -99, -9),
      want: 'old',
      told: ['data[tls.crt]: expired at 2026-05-31T00:00:00.000Z'],
    },
    {
      name: 'the one before, when the new one is not valid yet',
      now: certificate('future', 1, 90),
      before: certificate('before', -9, 9),
      want: 'before',
      told: ['data[tls.crt]: not valid before 2026-06-02T00:00:00.000Z; the certificate before it stays in use'],
    },
  ];
  for (const c of cases) {
    test(c.name, () => {
      const translation = {
        object,
        missing: c.missing ?? false,
        problems: c.problems ?? [],
        ...(c.now !== undefined && { certificate: c.now }),
      };
      const choice = chooseCertificate(translation, c.before, NOW);
      expect(choice.certificate?.fragment.chainPem).toBe(c.want);
      expect(choice.problems.map(({ message }) => message)).toEqual(c.told);
    });
  }
});

test('it is looked at again when its time comes, and at least once a day', () => {
  const recheck = (one: ValidCertificate) =>
    chooseCertificate({ object, missing: false, problems: [], certificate: one }, undefined, NOW).recheckMs;
  expect(recheck(certificate('a', -1, 90))).toBe(DAY);
  expect(recheck(certificate('a', -1, 0.25))).toBe(DAY / 4);
  expect(recheck(certificate('a', 0.5, 90))).toBe(DAY / 2);
});
