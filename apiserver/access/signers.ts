import type { ApiObject } from '../object.ts';
import { readCertificateRequest } from '../pki/certificate-request.ts';
import { jsonEqual, objectAt, textAt } from '../schema/json.ts';
import { forbidden } from '../status-error.ts';
import type { Target } from '../verbs/target.ts';
import type { Authorizer } from './authorizer.ts';
import { type Identity, MASTERS } from './identity.ts';

export const CERTIFICATES_GROUP = 'certificates.k8s.io';
/** Its certificates prove to this server who somebody is. */
export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

export interface RequestWrite {
  readonly object: ApiObject;
  readonly old: ApiObject | undefined;
  readonly subresource: string;
}

/**
 * Who approves, or signs, CertificateSigningRequests needs the right to do so for their signer, or all signers of its domain; and nobody gets
 * a certificate of those who may do everything.
 *
 * Source: Kubernetes' admission plugins CertificateApproval, CertificateSigning and CertificateSubjectRestriction.
 *
 * @throws StatusError 403
 */
export function checkSigner(
  authorizer: Authorizer,
  identity: Identity,
  { resource }: Target,
  { object, old, subresource }: RequestWrite,
): void {
  if (resource.group !== CERTIFICATES_GROUP || resource.plural !== 'certificatesigningrequests') return;
  const refuse = (why: string): never => {
    throw forbidden(resource, object.metadata.name, why);
  };
  const signer = textAt(objectAt(old ?? object, 'spec'), 'signerName');
  if (old === undefined) {
    if (signer === CLIENT_SIGNER && groupsOf(object).includes(MASTERS)) {
      refuse(`use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
    }
    return;
  }
  const verb = verbOf(object, old, subresource);
  if (verb !== undefined && !mayUse(authorizer, identity, verb, signer)) {
    refuse(`user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`);
  }
}

function verbOf(object: ApiObject, old: ApiObject, subresource: string): 'approve' | 'sign' | undefined {
  if (subresource === 'approval') return 'approve';
  const isChanged = !jsonEqual(objectAt(object, 'status') ?? {}, objectAt(old, 'status') ?? {});
  return subresource === 'status' && isChanged ? 'sign' : undefined;
}

function mayUse(authorizer: Authorizer, identity: Identity, verb: string, signer: string): boolean {
  const [domain = ''] = signer.split('/');
  return [signer, `${domain}/*`].some((name) => {
    const of = { group: CERTIFICATES_GROUP, version: '*', resource: 'signers', subresource: '', namespace: '' };
    return authorizer.decide(identity, { type: 'resource', verb, name, ...of }).allowed;
  });
}

function groupsOf(object: ApiObject): readonly string[] {
  const text = Buffer.from(textAt(objectAt(object, 'spec'), 'request'), 'base64').toString('latin1');
  const request = readCertificateRequest(text);
  return typeof request === 'string' ? [] : request.subject.groups;
}
