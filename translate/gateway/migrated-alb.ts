import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { ANNOTATION_MIGRATE_BACKUP } from '@causeway/apis/gateway/labels';
import { albSettings } from './alb-settings.ts';

/**
 * The ALB2 with the config that waits in its annotation `migrate-backup` moved into spec.config; the object itself when
 * it has a config, or none waits.
 *
 * Source: spec ALB 2.1.
 */
export function migratedAlb(alb: ALB2): ALB2 {
  const { [ANNOTATION_MIGRATE_BACKUP]: backup, ...annotations } = alb.metadata.annotations ?? {};
  const config = backup === undefined || alb.spec.config !== undefined ? undefined : albSettings(alb)?.config;
  if (config === undefined) return alb;
  return { ...alb, metadata: { ...alb.metadata, annotations }, spec: { ...alb.spec, config } };
}
