import { MAX_VERIFY_DEPTH } from '../backend-tls.ts';
import { cipherListMistake } from '../cipher-list.ts';
import { CLIENT_VERIFICATIONS, errorPageMistake, readCommonName } from '../client-certificate.ts';
import { AnnotationMistake, type AnnotationType, flag, integer, oneOf, text } from './annotation-type.ts';

const ciphers: AnnotationType<string> = {
  read: (value) => {
    const mistake = cipherListMistake(value);
    return mistake === undefined ? value : new AnnotationMistake(mistake);
  },
};

const errorPage: AnnotationType<string> = {
  read: (value) => {
    const mistake = errorPageMistake(value);
    return mistake === undefined ? value : new AnnotationMistake(mistake);
  },
};

const commonName: AnnotationType<string> = {
  read: (value) => {
    const read = readCommonName(value);
    return typeof read === 'string' ? new AnnotationMistake(read) : value;
  },
};

/** Source: spec ALB 5.7, LIM-03; ingress-nginx.md section 4. */
export const CLIENT_CERTIFICATE_ANNOTATIONS = {
  'auth-tls-secret': text(
    /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\/)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
    'a Secret: namespace/name',
  ),
  'auth-tls-verify-client': oneOf(...CLIENT_VERIFICATIONS),
  'auth-tls-verify-depth': integer(0, MAX_VERIFY_DEPTH),
  'auth-tls-error-page': errorPage,
  'auth-tls-pass-certificate-to-upstream': flag,
  'auth-tls-match-cn': commonName,
  'ssl-ciphers': ciphers,
  'ssl-prefer-server-ciphers': flag,
} as const;
