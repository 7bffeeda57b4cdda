import type { FrontendStatus } from '@causeway/apis/gateway/frontend';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { albOf } from './frontend-port.ts';

/**
 * Desired status of a Frontend: what each instance of its ALB reports about the port, without times. Instances that are
 * gone, or do not report it, are left out.
 *
 * Source: spec ALB 2.2 and ALB-125.
 *
 * @returns undefined when there is no such Frontend
 */
export function translateFrontendStatus(view: View, key: ObjectKey): FrontendStatus | undefined {
  const frontend = view.get('Frontend', key);
  if (frontend === undefined) return undefined;
  const alb = albOf(frontend);
  const { port, protocol } = frontend.spec;
  const instances: Record<string, { conflict: boolean; msg?: string }> = {};
  for (const instance of alb === undefined ? [] : view.by('Instance', 'alb', objectKeyText(alb))) {
    const report = instance.status?.ports?.find((entry) => entry.port === port && entry.protocol === protocol);
    if (report === undefined) continue;
    instances[`${instance.status?.node ?? ''}/${instance.metadata.name}`] = {
      conflict: report.state === 'conflict',
      ...(report.message === undefined ? {} : { msg: report.message }),
    };
  }
  return { instances };
}
