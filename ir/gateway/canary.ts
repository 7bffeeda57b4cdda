import type { AffinityIR } from './affinity.ts';
import type { BackendIR } from './backend.ts';

/**
 * Some of the requests of a route go to other backends; to those of the route while none of these has an endpoint. The first
 * of header, cookie and weight that says anything decides.
 */
export interface CanaryIR {
  /** As of a {@link ForwardIR}. */
  readonly backends: readonly BackendIR[];
  readonly affinity: AffinityIR;
  readonly header?: CanaryHeaderIR;
  /** Name of a cookie that says `always` or `never`. */
  readonly cookie?: string;
  /** Of `total` other requests. */
  readonly weight: number;
  readonly total: number;
  /** A session stays with the backends that it began with. */
  readonly sticky: boolean;
}

/** Without value and pattern the header says `always` or `never`. */
export interface CanaryHeaderIR {
  /** Lower case. */
  readonly name: string;
  /** Only this value, which asks for the canary. */
  readonly value?: string;
  /** Only values that this regular expression finds, anywhere. */
  readonly pattern?: string;
}
