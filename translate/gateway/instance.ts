import { FINALIZER_OPERATOR } from '@causeway/apis/gateway/labels';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { InstanceIR, TuningIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { type AlbSettings, albSettings, isIgnored } from './alb-settings.ts';
import type { Problem } from './problem.ts';
import { translateTuning } from './tuning.ts';

/**
 * ALB2 -> data plane.
 *
 * @returns no instance when there is no such ALB2, it is being deleted, has no config or no replicas, or it says that
 *   the operator shall leave it alone and never was managed
 */
export function translateInstance(
  view: View,
  key: ObjectKey,
): { readonly instance?: InstanceIR; readonly problems: readonly Problem[] } {
  const alb = view.get('ALB2', key);
  if (alb === undefined || alb.metadata.deletionTimestamp !== undefined) return { problems: [] };
  if (isIgnored(alb) && alb.metadata.finalizers?.includes(FINALIZER_OPERATOR) !== true) return { problems: [] };
  const settings = albSettings(alb);
  if (settings === undefined) {
    return {
      problems: [
        {
          object: { kind: 'ALB2', key },
          reason: 'InvalidField',
          message: 'spec.config: Required value: an ALB2 without config is not served',
          severity: 'Warning',
        },
      ],
    };
  }
  const { tuning, problems: untaken } = translateTuning(view, key, settings);
  const problems = [...settings.problems, ...untaken];
  if (settings.replicas === 0) return { problems };
  return { instance: instanceOf(key, settings, tuning), problems };
}

/** A data plane with these settings. */
export function instanceOf(key: ObjectKey, settings: AlbSettings, tuning: TuningIR): InstanceIR {
  return {
    kind: 'instance',
    id: objectKeyText(key),
    workers: settings.workers,
    metricsPort: settings.metricsPort,
    ipv6: settings.ipv6,
    http2: settings.http2,
    gzip: settings.gzip,
    backlog: settings.backlog,
    accessLog: settings.accessLog,
    metricsAuth: settings.metricsAuth,
    traceHeader: settings.config.traceHeader ?? true,
    network: settings.networkMode === 'container' ? 'own' : 'machine',
    interfaces: settings.interfaces,
    tuning,
    termSeconds: settings.maxTermSeconds,
    trustedProxies: settings.trustedProxies,
  };
}
