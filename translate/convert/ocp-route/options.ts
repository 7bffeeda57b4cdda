import type { ObjectKey } from '@causeway/apis/meta/object';
import { type AttachmentOptions, DEFAULT_ATTACHMENT } from '../attachment-options.ts';

/** How Routes are converted. Source: spec MG section 1. */
export interface RouteOptions extends AttachmentOptions {
  /** `docs`: the resources of the platform's migration guide. `faithful`: what comes closest to the router. */
  readonly style: 'docs' | 'faithful';
  /** Domain of hosts that Routes leave to the router; absent: of the input's Ingress of config.openshift.io. */
  readonly ingressDomain?: string;
  /** Also write what the router does without being told. Not with style `docs`. */
  readonly routerDefaults: boolean;
  /** ConfigMap with the authorities (ca.crt) that sign certificates of Services. */
  readonly serviceCa?: ObjectKey;
  /** Name in the certificates of backends; absent: `<service>.<namespace>.svc`. */
  readonly backendHostname?: string;
  /** Networks that may not use any Route. */
  readonly blocklist: readonly string[];
  /** Convert Routes whose list of addresses cannot be kept, open for everybody. */
  readonly allowOpen: boolean;
  readonly applyRequiredHsts: boolean;
  /** Nothing of a Route is written when something of it cannot be converted. */
  readonly strict: boolean;
}

export const DEFAULT_ROUTE_OPTIONS: RouteOptions = {
  style: 'faithful',
  ...DEFAULT_ATTACHMENT,
  routerDefaults: false,
  blocklist: [],
  allowOpen: false,
  applyRequiredHsts: false,
  strict: false,
};
