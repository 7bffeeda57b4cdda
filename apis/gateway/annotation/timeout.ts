import { milliseconds } from './annotation-type.ts';

/** Spec ALB-80. */
export const TIMEOUT_ANNOTATIONS = {
  'proxy-connect-timeout': milliseconds,
  'proxy-send-timeout': milliseconds,
  'proxy-read-timeout': milliseconds,
} as const;
