import { readTemplate } from '../template.ts';
import { AnnotationMistake, type AnnotationType, text } from './annotation-type.ts';

/** A text and what stands in its place, `off` for nothing. */
export type Substitution = 'off' | { readonly from: string; readonly to: string };

/** `from to`; regular expressions, which begin with `~`, are not taken. */
const substitution: AnnotationType<Substitution> = {
  read: (value) => {
    if (value === 'off') return 'off';
    const [from = '', to = '', ...rest] = value.split(/\s+/);
    const isGood = to !== '' && rest.length === 0 && /^[\x21-\x7d]+$/.test(from + to) && !/[;,"]/.test(from + to);
    return isGood ? { from, to } : new AnnotationMistake('must be "off", or a text and what stands in its place');
  },
};

const place: AnnotationType<string> = {
  read: (value) => {
    const parts = readTemplate(value);
    if (typeof parts === 'string') return new AnnotationMistake(parts);
    return /^[\x21-\x7e]+$/.test(value) ? value : new AnnotationMistake('must be a URL');
  },
};

/** Spec section 5.7, LIM-14. */
export const BACKEND_ANSWER_ANNOTATIONS = {
  'proxy-cookie-domain': substitution,
  'proxy-cookie-path': substitution,
  /** `off` and `default`: Location stays as it is. */
  'proxy-redirect-from': text(/^[\x21-\x7d]+$/, 'a URL'),
  'proxy-redirect-to': place,
} as const;
