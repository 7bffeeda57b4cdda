import type { BackendTlsIR, RetryIR, TimeoutsIR, TransferIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { AlbSettings } from './alb-settings.ts';
import { translateBackendTls } from './backend-tls.ts';
import type { Inherited } from './inheritance.ts';
import type { Problem } from './problem.ts';
import type { Referrer } from './reference.ts';
import { translateRetry } from './retry.ts';
import { translateTimeout } from './timeout.ts';
import { translateTransfer } from './transfer.ts';

/** How requests are forwarded, to whichever backend. */
export interface Forwarding {
  readonly timeouts: TimeoutsIR;
  readonly retry: RetryIR;
  readonly transfer?: TransferIR;
  readonly unlogged?: true;
  /** To the ClusterIPs of Services instead of their endpoints. */
  readonly clusterIp?: true;
  /** With protocols that have TLS. */
  readonly tls?: BackendTlsIR;
  /** Why no request may be forwarded with TLS. */
  readonly tlsRefused?: string;
}

export interface ForwardingOptions {
  readonly inherited: Inherited;
  readonly settings: AlbSettings;
  readonly object: Problem['object'];
  /** Who wrote the settings of TLS. */
  readonly referrer: Referrer;
  readonly backendProtocol: string;
  /** Name of backends, unless the settings have one. */
  readonly name: string;
}

/** The settings in force for a Rule or default service group. */
export function translateForwarding(
  view: View,
  options: ForwardingOptions,
): { readonly forwarding: Forwarding; readonly problems: readonly Problem[] } {
  const { inherited, settings, object, referrer, name } = options;
  const transfer = translateTransfer(inherited.transfer);
  const speaksTls = ['https', 'grpcs'].includes(options.backendProtocol.toLowerCase());
  const config = speaksTls ? inherited.backendTLS : undefined;
  const { allowCrossNamespaceReferences } = settings;
  const tls = translateBackendTls(view, { config, object, referrer, allowCrossNamespaceReferences, name });
  return {
    forwarding: {
      timeouts: translateTimeout(inherited.timeout),
      retry: translateRetry(inherited.retry),
      ...(transfer === undefined ? {} : { transfer }),
      ...(inherited.disableAccessLog === true ? { unlogged: true } : {}),
      ...(inherited.serviceUpstream === true ? { clusterIp: true } : {}),
      ...(tls.tls === undefined ? {} : { tls: tls.tls }),
      ...(tls.refused === undefined ? {} : { tlsRefused: tls.refused }),
    },
    problems: tls.problems,
  };
}

/** What backends of a group are called in the cluster; `''` of an empty group. */
export function serviceName(
  services: readonly { readonly namespace: string; readonly name: string }[] | undefined,
): string {
  const [first] = services ?? [];
  return first === undefined ? '' : `${first.name}.${first.namespace}.svc`;
}
