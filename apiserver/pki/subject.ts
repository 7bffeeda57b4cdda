import { DER, DerError, type DerValue, derItems, derValues } from './der.ts';

/** Who a certificate, or a request for one, is about, as Kubernetes reads it. */
export interface Subject {
  /** CN: the user; `''` when there is none. Of several the last counts. */
  readonly name: string;
  /** Each O: a group. */
  readonly groups: readonly string[];
}

const COMMON_NAME = '550403';
const ORGANIZATION = '55040a';

/**
 * Reads a Name. Texts in forms that Go does not read either are refused, so that nobody is somebody else in another reader's eyes.
 *
 * Source: RFC 5280, section 4.1.2.4; Kubernetes, "Authenticating", "X509 client certificates".
 *
 * @throws DerError
 */
export function subjectIn(value: DerValue | undefined): Subject {
  let name = '';
  const groups: string[] = [];
  for (const set of derItems(value, DER.sequence)) {
    for (const attribute of derItems(set, DER.set)) {
      const [type, text] = derItems(attribute, DER.sequence);
      if (type?.tag !== DER.objectIdentifier || text === undefined) throw new DerError('structure error: invalid name');
      const id = type.content.toString('hex');
      if (id === COMMON_NAME) name = textIn(text);
      else if (id === ORGANIZATION) groups.push(textIn(text));
    }
  }
  return { name, groups };
}

/** Of a certificate in DER. @throws DerError */
export function subjectOfCertificate(der: Buffer): Subject {
  const [certificate] = derValues(der);
  const [body] = derItems(certificate, DER.sequence);
  const parts = derItems(body, DER.sequence);
  // [version,] serial number, algorithm, issuer, validity, subject
  const isVersioned = parts[0]?.tag === 0xa0;
  return subjectIn(parts[isVersioned ? 5 : 4]);
}

function textIn({ tag, content }: DerValue): string {
  switch (tag) {
    case 0x0c: // UTF8String
      return content.toString('utf8');
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x14: // T61String
    case 0x16: // IA5String
      return content.toString('latin1');
    case 0x1e: // BMPString
      if (content.length % 2 !== 0) throw new DerError('invalid BMPString');
      return Buffer.from(content).swap16().toString('utf16le').replace(/\0$/, '');
    default:
      throw new DerError('structure error: unsupported string type');
  }
}
