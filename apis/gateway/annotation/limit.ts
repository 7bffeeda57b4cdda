import { isNetwork, parseAddress } from '../../meta/address.ts';
import { AnnotationMistake, type AnnotationType, integer, list } from './annotation-type.ts';

const MOST = 1_000_000_000;
const MOST_KIB = Math.floor(MOST / 1024);

/** A network in CIDR form, or a single address. */
export const network: AnnotationType<string> = {
  read: (value) =>
    isNetwork(value) || parseAddress(value) !== undefined
      ? value
      : new AnnotationMistake('must be an address or a network'),
};

export const status = integer(400, 599);

/** Source: ingress-nginx, "Rate Limiting", IN-13. Speeds are in KiB there; the statuses are settings of its ConfigMap. */
export const LIMIT_ANNOTATIONS = {
  'limit-connections': integer(0, MOST),
  'limit-rps': integer(0, MOST),
  'limit-rpm': integer(0, MOST),
  'limit-burst-multiplier': integer(0, 10_000),
  'limit-rate': integer(0, MOST_KIB),
  'limit-rate-after': integer(0, MOST_KIB),
  'limit-whitelist': list(network),
  'limit-allowlist': list(network),
  'limit-req-status-code': status,
  'limit-conn-status-code': status,
} as const;
