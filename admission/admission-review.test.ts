import { Snapshot } from '@causeway/resources/snapshot';
import { describe, expect, test } from 'vitest';
import { answerReview, NotAReview } from './admission-review.ts';

const RULE = {
  apiVersion: 'crd.alauda.io/v1',
  kind: 'Rule',
  metadata: {
    name: 'r',
    namespace: 'default',
    labels: { 'alb2.cpaas.io/name': 'a', 'alb2.cpaas.io/frontend': 'f' },
  },
  spec: { priority: 5 },
};

/** As an API server sends it. */
function asked(request: object): unknown {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      operation: 'CREATE',
      kind: { group: 'crd.alauda.io', version: 'v1', kind: 'Rule' },
      resource: { group: 'crd.alauda.io', version: 'v1', resource: 'rules' },
      name: 'r',
      namespace: 'default',
      object: RULE,
      oldObject: null,
      dryRun: false,
      ...request,
    },
  };
}

const { present } = new Snapshot();

describe('answers of the webhook', () => {
  test('what is wrong is refused as the embedded API server refuses it', () => {
    const { response, ...rest } = answerReview(asked({}), present);
    expect(rest).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
    expect(response).toMatchObject({
      uid: 'u-1',
      allowed: false,
      status: {
        code: 422,
        reason: 'Invalid',
        message: expect.stringMatching(/^Rule\.crd\.alauda\.io "r" is invalid: spec\.dslx: /),
        details: { name: 'r', group: 'crd.alauda.io', kind: 'Rule', causes: [{ field: 'spec.dslx' }] },
      },
    });
  });

  const allowed = [
    { name: 'an update that changes nothing', request: { operation: 'UPDATE', oldObject: RULE } },
    { name: 'a deletion', request: { operation: 'DELETE', object: null, oldObject: RULE } },
    { name: 'a write of the status', request: { operation: 'UPDATE', subResource: 'status' } },
    { name: 'an operation that we do not know', request: { operation: 'CONNECT' } },
    { name: 'a kind that nobody judges', request: { kind: { group: '', version: 'v1', kind: 'Pod' } } },
  ];
  for (const { name, request } of allowed) {
    test(`${name} passes`, () => {
      expect(answerReview(asked(request), present).response).toEqual({ uid: 'u-1', allowed: true });
    });
  }

  for (const body of [null, 'text', {}, { request: null }, asked({ uid: 7 }), asked({ kind: 'Rule' })]) {
    test(`no review: ${JSON.stringify(body).slice(0, 40)}`, () => {
      expect(() => answerReview(body, present)).toThrow(NotAReview);
    });
  }
});
