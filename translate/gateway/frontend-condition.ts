import type { Condition } from '@causeway/apis/gateway/condition';
import type { Frontend } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { translateCertificate } from './certificate.ts';
import { chooseCertificate } from './certificate-choice.ts';
import { listenerProtocol, speaksTls } from './frontend-port.ts';
import { secretId } from './secret-name.ts';

/** What controllers say about what a Frontend refers to. */
export interface FrontendCondition {
  readonly condition: Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>;
  /** When time alone may make it another one. */
  readonly recheckMs?: number;
}

/**
 * Whether the certificate of a port can be shown: it exists, can be read, fits its key and is valid now.
 *
 * @param now milliseconds since 1970
 * @returns undefined for ports without a certificate of their own
 */
export function translateFrontendCondition(view: View, frontend: Frontend, now: number): FrontendCondition | undefined {
  const text = frontend.spec.certificate_name ?? '';
  if (text === '' || !speaksTls(listenerProtocol(frontend))) return undefined;
  const id = secretId(text);
  if (id === undefined)
    return { condition: refused(`spec.certificate_name: ${JSON.stringify(text)} is not namespace/name`) };
  const { problems, recheckMs } = chooseCertificate(translateCertificate(view, id), undefined, now);
  const [problem] = problems;
  return {
    condition:
      problem === undefined
        ? { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message: `Secret ${id} is in use` }
        : refused(problem.reason === 'RefNotFound' ? problem.message : `Secret ${id}: ${problem.message}`),
    ...(recheckMs === undefined ? {} : { recheckMs }),
  };
}

function refused(message: string): FrontendCondition['condition'] {
  return { type: 'ResolvedRefs', status: 'False', reason: 'InvalidCertificateRef', message };
}
