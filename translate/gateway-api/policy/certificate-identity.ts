import type { ClientValidation } from '@causeway/apis/envoy-gateway/client-validation';
import type { CertificateIdentityIR } from '@causeway/ir/gateway';
import type { Tell } from './tell.ts';
import { textTestOf } from './text-test.ts';

const KINDS = [
  ['dnsNames', 'dns'],
  ['emailAddresses', 'email'],
  ['ipAddresses', 'ip'],
  ['uris', 'uri'],
] as const;

/**
 * Which of the certificates that are good may come in. Source: GW-42; Envoy, CertificateValidationContext.
 *
 * @returns undefined: all; unusable: something of it cannot be read, which is told
 */
export function identityOf(
  { subjectAltNames, spkiHashes = [], certificateHashes = [] }: ClientValidation,
  tell: Tell,
): CertificateIdentityIR | 'unusable' | undefined {
  let usable = true;
  const refuse: Tell = (field, message) => {
    usable = false;
    tell(field, message);
  };
  const named = KINDS.flatMap(([field, of]) =>
    (subjectAltNames?.[field] ?? []).flatMap((match, index) => {
      const test = textTestOf(match, `subjectAltNames.${field}[${index}]`, refuse);
      return test === undefined ? [] : { of, test };
    }),
  );
  const others = (subjectAltNames?.otherNames ?? []).flatMap(({ oid, ...match }, index) => {
    const field = `subjectAltNames.otherNames[${index}]`;
    if (!OBJECT_IDENTIFIER.test(oid)) refuse(`${field}.oid`, `${JSON.stringify(oid)} is no number like 1.3.6.1.4.1`);
    const test = textTestOf(match, field, refuse);
    return test === undefined ? [] : { of: `oid:${oid}` as const, test };
  });
  const names = [...named, ...others];
  const hashes = [
    ...spkiHashes.flatMap((text, index) => hashOf('key', text, 'base64', `spkiHashes[${index}]`, refuse)),
    ...certificateHashes.flatMap((text, index) =>
      hashOf('certificate', text.replaceAll(':', ''), 'hex', `certificateHashes[${index}]`, refuse),
    ),
  ];
  if (!usable) return 'unusable';
  return names.length === 0 && hashes.length === 0 ? undefined : { names, hashes };
}

/** As text, without zeros in front of its parts. */
const OBJECT_IDENTIFIER = /^[0-2](\.(0|[1-9]\d*))+$/;
const SHA256_BYTES = 32;

function hashOf(
  of: 'certificate' | 'key',
  text: string,
  encoding: 'base64' | 'hex',
  field: string,
  refuse: Tell,
): CertificateIdentityIR['hashes'] {
  const bytes = Buffer.from(text, encoding);
  if (bytes.length === SHA256_BYTES && bytes.toString(encoding) === (encoding === 'hex' ? text.toLowerCase() : text)) {
    return [{ of, sha256: bytes.toString('hex') }];
  }
  refuse(field, `${JSON.stringify(text)} is no SHA-256 in ${encoding}`);
  return [];
}
