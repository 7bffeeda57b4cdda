import { REVIEWED_KINDS } from '@causeway/admission/review';
import { groupKindText, type KindRef } from '@causeway/apis/meta/kind';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { RuleWithOperations, ValidatingWebhookConfiguration } from 'kubernetes-types/admissionregistration/v1';
import { LABELS, NAMESPACE, WEBHOOK } from './names.ts';

/**
 * Who asks whether a write may happen: of every kind that admission judges, in the version that it judges; API servers convert
 * what is written in another. Without an answer writes happen: translators check everything again (design D14).
 */
export function webhookConfiguration(): ValidatingWebhookConfiguration {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: WEBHOOK, labels: LABELS },
    webhooks: [
      {
        name: 'review.causeway.dev',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Ignore',
        matchPolicy: 'Equivalent',
        timeoutSeconds: 5,
        // The controllers add the authority that signed the certificate of the webhook.
        clientConfig: { service: { namespace: NAMESPACE, name: WEBHOOK, path: '/review', port: 443 } },
        rules: REVIEWED_KINDS.map((text) => ruleOf(reviewed(text))),
      },
    ],
  };
}

function ruleOf({ group, version, plural }: KindRef): RuleWithOperations & { resources: string[] } {
  return { operations: ['CREATE', 'UPDATE'], apiGroups: [group], apiVersions: [version], resources: [plural] };
}

/** @throws TypeError for a kind that admission judges and nobody reads */
function reviewed(text: string): KindRef {
  const kind = Object.values(KIND_REFS).find((each) => groupKindText(each) === text);
  if (kind === undefined) throw new TypeError(`${text} is judged, and not among the kinds that are read`);
  return kind;
}
