import { X509Certificate } from 'node:crypto';
import { KEY_USAGES } from '@causeway/apis/kubernetes/key-usages';
import { readCertificateRequest } from '../../pki/certificate-request.ts';
import {
  duplicate,
  element,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../field-error.ts';
import { type JsonObject, jsonEqual, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { dnsLabel, dnsSubdomain, type NameCheck, pathSegment } from '../names.ts';
import type { KindRules } from './rules.ts';

const EXPIRATION_SECONDS_MIN = 600;
const DOMAIN_LENGTH_MAX = 253;
const SIGNER_LENGTH_MAX = 571;
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const CONDITIONS = 'status.conditions';
/** Decided by those who approve; the others by who signs. */
const DECISIONS = ['Approved', 'Denied'] as const;
const LASTING: readonly string[] = [...DECISIONS, 'Failed'];
const STATUSES = ['False', 'True', 'Unknown'];

/** Source: Kubernetes pkg/apis/certificates/validation, ValidateCertificateSigningRequestCreate. */
export const certificateSigningRequestRules: KindRules = {
  checkName: pathSegment,
  judgesAbsence: /^spec/,

  prepare(object, old) {
    // Nothing of what somebody approves changes under him.
    if (old?.['spec'] !== undefined) object['spec'] = structuredClone(old['spec']);
  },

  applyDefaults(object) {
    object['status'] ??= {};
  },

  validate(object, old) {
    return [...(old === undefined ? specErrors(objectAt(object, 'spec')) : []), ...conditionErrors(object, old)];
  },
};

/** What a write changed of the status that is not for it to change. */
export interface StatusWrite {
  readonly object: JsonObject;
  readonly old: JsonObject;
  readonly subresource: string;
}

/** Source: Kubernetes pkg/apis/certificates/validation, validateCertificateSigningRequestUpdate. */
export function statusWriteErrors({ object, old, subresource }: StatusWrite): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const type of LASTING) {
    if (conditionsOf(object, type).length < conditionsOf(old, type).length) {
      errors.push(forbidden(CONDITIONS, `updates may not remove a condition of type "${type}"`));
    }
  }
  if (subresource !== 'approval') {
    for (const type of DECISIONS) errors.push(...decisionErrors(conditionsOf(object, type), conditionsOf(old, type)));
  }
  const [certificate, former] = [certificateOf(object), certificateOf(old)];
  if (certificate === former) return errors;
  const path = 'status.certificate';
  if (subresource !== 'status') errors.push(forbidden(path, 'updates may not set certificate content'));
  else if (former !== '') errors.push(forbidden(path, 'updates may not modify existing certificate content'));
  const problem = certificateProblem(Buffer.from(certificate, 'base64').toString('latin1'));
  if (problem !== undefined) errors.push(invalid(path, '<certificate data>', problem));
  return errors;
}

function decisionErrors(given: readonly JsonObject[], former: readonly JsonObject[]): readonly FieldError[] {
  const type = textAt(given[0] ?? former[0], 'type');
  if (given.length < former.length || jsonEqual([...given], [...former])) return [];
  const verb = given.length > former.length ? 'add' : 'modify';
  return [forbidden(CONDITIONS, `updates may not ${verb} a condition of type "${type}"`)];
}

function specErrors(spec: JsonObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  const request = textAt(spec, 'request');
  const read = readCertificateRequest(Buffer.from(request, 'base64').toString('latin1'));
  if (typeof read === 'string') errors.push(invalid('spec.request', request, read));
  const usages = listAt(spec, 'usages');
  if (usages.length === 0) errors.push(required('spec.usages'));
  for (const [index, usage] of usages.entries()) {
    if (!KEY_USAGES.some((known) => known === usage))
      errors.push(notSupported(element('spec.usages', index), usage, KEY_USAGES));
  }
  for (const [index, usage] of usages.entries()) {
    if (usages.indexOf(usage) !== index) errors.push(duplicate(element('spec.usages', index), usage));
  }
  errors.push(...signerErrors(textAt(spec, 'signerName')));
  const seconds = numberAt(spec, 'expirationSeconds');
  if (seconds !== undefined && seconds < EXPIRATION_SECONDS_MIN) {
    const why = 'may not specify a duration less than 600 seconds (10 minutes)';
    errors.push(invalid('spec.expirationSeconds', seconds, why));
  }
  return errors;
}

/** `example.com/name`. Source: Kubernetes pkg/apis/core/validation, ValidateSignerName. */
function signerErrors(name: string): readonly FieldError[] {
  const path = 'spec.signerName';
  if (name === '') return [required(path)];
  if (name === LEGACY_SIGNER) return [invalid(path, name, 'the legacy signerName is not allowed via this API version')];
  const parts = name.split('/');
  const [domain = '', rest = ''] = parts;
  if (parts.length !== 2) {
    const why = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(path, name, why)];
  }
  const errors: FieldError[] = [];
  if (domain.length > DOMAIN_LENGTH_MAX) errors.push(tooLong(path, DOMAIN_LENGTH_MAX));
  errors.push(...labelErrors(domain, dnsLabel));
  if (!domain.includes('.')) {
    errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  }
  errors.push(...labelErrors(rest, dnsSubdomain));
  if (name.length > SIGNER_LENGTH_MAX) errors.push(tooLong(path, SIGNER_LENGTH_MAX));
  return errors;
}

/** The first label that is wrong. */
function labelErrors(text: string, check: NameCheck): readonly FieldError[] {
  for (const label of text.split('.')) {
    const problem = check(label);
    if (problem === undefined) continue;
    return [invalid('spec.signerName', text, `validating label ${JSON.stringify(label)}: ${problem}`)];
  }
  return [];
}

function conditionErrors(object: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  const had = (type: string): boolean => old !== undefined && conditionsOf(old, type).length > 0;
  const decided = DECISIONS.every(had);
  const seen = new Set<string>();
  for (const [index, condition] of objectsAt(objectAt(object, 'status'), 'conditions').entries()) {
    const path = element(CONDITIONS, index);
    const type = textAt(condition, 'type');
    const status = textAt(condition, 'status');
    if (type === '') errors.push(required(`${path}.type`));
    const statuses = LASTING.includes(type) ? ['True'] : STATUSES;
    if (status === '') errors.push(required(`${path}.status`));
    else if (!statuses.includes(status)) errors.push(notSupported(`${path}.status`, status, statuses));
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    if (other !== undefined && seen.has(other) && !decided) {
      errors.push(invalid(`${path}.type`, type, 'Approved and Denied conditions are mutually exclusive'));
    }
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
  }
  return errors;
}

/** What is wrong with a chain of certificates; undefined: nothing. */
function certificateProblem(text: string): string | undefined {
  if (text === '') return undefined;
  const blocks = [...text.matchAll(/-----BEGIN ([^\n-]+)-----\r?\n([\s\S]*?)-----END \1-----/g)];
  for (const [block, label = '', body = ''] of blocks) {
    if (label !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(label)}`;
    if (body.includes(':')) return 'no PEM block headers are permitted';
    try {
      new X509Certificate(block);
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

function conditionsOf(object: JsonObject, type: string): readonly JsonObject[] {
  return objectsAt(objectAt(object, 'status'), 'conditions').filter((each) => textAt(each, 'type') === type);
}

function certificateOf(object: JsonObject): string {
  return textAt(objectAt(object, 'status'), 'certificate');
}
