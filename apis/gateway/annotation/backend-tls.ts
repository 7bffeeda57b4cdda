import { MAX_VERIFY_DEPTH, SERVER_NAME_PATTERN, TLS_PROTOCOLS, type TlsProtocol } from '../backend-tls.ts';
import { cipherListMistake } from '../cipher-list.ts';
import { AnnotationMistake, type AnnotationType, integer, onOff, text } from './annotation-type.ts';

const protocols: AnnotationType<readonly TlsProtocol[]> = {
  read: (value) => {
    const words = value.split(/[ \t,]+/);
    const known = TLS_PROTOCOLS.filter((protocol) => words.includes(protocol));
    return known.length === new Set(words).size
      ? known
      : new AnnotationMistake(`must be some of ${TLS_PROTOCOLS.join(' ')}`);
  },
};

const ciphers: AnnotationType<string> = {
  read: (value) => {
    const mistake = cipherListMistake(value);
    return mistake === undefined ? value : new AnnotationMistake(mistake);
  },
};

/** `namespace/name`; only `name`: of the Ingress's own namespace. */
const secret = text(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\/)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'a Secret: namespace/name');

/** Spec ALB 5.7, LIM-12; ingress-nginx IN-16. */
export const BACKEND_TLS_ANNOTATIONS = {
  'proxy-ssl-secret': secret,
  'proxy-ssl-verify': onOff,
  'proxy-ssl-verify-depth': integer(0, MAX_VERIFY_DEPTH),
  'proxy-ssl-name': text(new RegExp(SERVER_NAME_PATTERN), 'a host name'),
  'proxy-ssl-server-name': onOff,
  'proxy-ssl-protocols': protocols,
  'proxy-ssl-ciphers': ciphers,
} as const;
