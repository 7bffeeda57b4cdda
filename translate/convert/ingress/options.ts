import { type AttachmentOptions, DEFAULT_ATTACHMENT } from '../attachment-options.ts';

/** How Ingresses are converted. */
export interface IngressOptions extends AttachmentOptions {
  /** Who serves them today: it decides what paths and defaults mean. */
  readonly from: 'ingress-nginx' | 'alb';
  /** Convert what is protected in a way that cannot be kept, without that protection. */
  readonly allowOpen: boolean;
}

export const DEFAULT_INGRESS_OPTIONS: IngressOptions = {
  from: 'ingress-nginx',
  ...DEFAULT_ATTACHMENT,
  allowOpen: false,
};
