import { isHostHeader } from '../host.ts';
import { readMirrorTarget } from '../mirror.ts';
import { AnnotationMistake, type AnnotationType, oneOf } from './annotation-type.ts';

const target: AnnotationType<string> = {
  read: (value) => {
    const read = readMirrorTarget(value);
    return typeof read === 'string' ? new AnnotationMistake(read) : value;
  },
};

const host: AnnotationType<string> = {
  read: (value) => (isHostHeader(value) ? value : new AnnotationMistake('must be a host, with or without port')),
};

/** Source: ingress-nginx, "Mirror". */
export const MIRROR_ANNOTATIONS = {
  'mirror-target': target,
  'mirror-host': host,
  'mirror-request-body': oneOf('on', 'off'),
} as const;
