import type { Sequence } from '../../sequence.ts';
import { CORE_SEQUENCES } from './core.ts';
import { DATA_SEQUENCES } from './data.ts';
import { DEPLOYMENT_SEQUENCES } from './deployments.ts';
import { ENDPOINT_SEQUENCES } from './endpoints.ts';
import { INGRESS_SEQUENCES } from './ingresses.ts';
import { METADATA_BY_STATUS } from './metadata-by-status.ts';
import { PATH_SEQUENCES } from './paths.ts';
import { POD_SEQUENCES } from './pods.ts';
import { SERVICE_SEQUENCES } from './services.ts';

/** Defaults and validation of built-in kinds, their subresources. */
export const KINDS: readonly Sequence[] = [
  ...SERVICE_SEQUENCES,
  ...INGRESS_SEQUENCES,
  ...POD_SEQUENCES,
  ...DEPLOYMENT_SEQUENCES,
  ...ENDPOINT_SEQUENCES,
  ...METADATA_BY_STATUS,
  ...CORE_SEQUENCES,
  ...DATA_SEQUENCES,
  ...PATH_SEQUENCES,
];
