import type { TransferConfig } from '@causeway/apis/gateway/transfer';
import type { IngressFeature } from './ingress-feature.ts';

const FIELDS = {
  'proxy-body-size': 'maxRequestBodyBytes',
  'client-body-buffer-size': 'requestBufferBytes',
  'proxy-request-buffering': 'requestBuffering',
  'proxy-buffering': 'responseBuffering',
  'proxy-buffers-number': 'responseBuffers',
  'proxy-buffer-size': 'responseBufferBytes',
  'proxy-busy-buffers-size': 'responseBusyBytes',
  'proxy-max-temp-file-size': 'responseFileBytes',
  'proxy-http-version': 'httpVersion',
} as const satisfies Readonly<Record<string, keyof TransferConfig>>;

const NAMES = Object.keys(FIELDS) as readonly (keyof typeof FIELDS)[];

/** Without any of them the Rule inherits how requests and answers pass. Source: spec ALB 5.7, LIM-09. */
export const TRANSFER_FEATURE: IngressFeature = {
  annotations: NAMES,
  byPath: NAMES,
  translate: (read) => {
    const fields = NAMES.flatMap((name) => {
      const value = read.value(name);
      return value === undefined ? [] : [[FIELDS[name], value] as const];
    });
    return fields.length === 0 ? {} : { config: { transfer: Object.fromEntries(fields) as TransferConfig } };
  },
};

/** `enable-access-log: "false"`. */
export const ACCESS_LOG_FEATURE: IngressFeature = {
  annotations: ['enable-access-log'],
  byPath: ['enable-access-log'],
  translate: (read) => {
    const enabled = read.value('enable-access-log');
    return enabled === undefined ? {} : { config: { disableAccessLog: !enabled } };
  },
};

/** Spec ALB 5.7: the ClusterIP as the only endpoint. */
export const SERVICE_UPSTREAM_FEATURE: IngressFeature = {
  annotations: ['service-upstream'],
  byPath: ['service-upstream'],
  translate: (read) => {
    const serviceUpstream = read.value('service-upstream');
    return serviceUpstream === undefined ? {} : { config: { serviceUpstream } };
  },
};
