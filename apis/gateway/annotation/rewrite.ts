import { readRewriteTarget } from '../rewrite.ts';
import { AnnotationMistake, type AnnotationType, differing, flag, text } from './annotation-type.ts';

/** Carried on as text: the Rule has it as a text too. */
const target: AnnotationType<string> = {
  read: (value) => {
    const parts = readRewriteTarget(value);
    return typeof parts === 'string' ? new AnnotationMistake(parts) : value;
  },
};

/** Spec ALB-72, section 5.7. */
export const REWRITE_ANNOTATIONS = {
  'rewrite-target': target,
  'use-regex': flag,
  'enable-rewrite-log': differing(flag, 'lines of the log have a format of their own'),
  'x-forwarded-prefix': text(/^[\x21-\x7e]+$/, 'a path, blanks and control characters encoded', 1024),
} as const;
