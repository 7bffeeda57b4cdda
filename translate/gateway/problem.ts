import type { ObjectKey } from '@causeway/apis/meta/object';
import type { KindName } from '@causeway/resources/kinds';

/**
 * A user's mistake, or something this version does not do, as a value. It becomes an event on `object` and, where
 * the kind has one, a condition; it never stops the translation of other objects.
 */
export interface Problem {
  /** The object the user must change. */
  readonly object: { readonly kind: KindName; readonly key: ObjectKey };
  /** CamelCase, for machines. */
  readonly reason: ProblemReason;
  /** For people; names the field. */
  readonly message: string;
  readonly severity: 'Warning' | 'Normal';
}

export type ProblemReason =
  /** A field holds what the documentation does not allow. */
  | 'InvalidField'
  /** The object names another that does not exist (yet). */
  | 'RefNotFound'
  /** The object names one in another namespace without consent. */
  | 'RefNotPermitted'
  /** DNS does not know the name, or does not answer. */
  | 'DnsFailed'
  /** A Secret without a key pair that fits. */
  | 'InvalidCertificate'
  /** This version does not serve that field; where it protects something, requests are refused. */
  | 'UnsupportedFeature'
  /** Two objects want the same. */
  | 'Conflicted'
  /** The port is taken by another process. */
  | 'PortConflict'
  /** A data plane serves, but not with all that was asked for. */
  | 'InstanceWarning';

/** Something that must be translated too for a fragment to work. */
export interface Need {
  readonly kind: 'endpointSet' | 'certificate' | 'serverName';
  /** Id of the `EndpointSetIR` or `CertificateIR`; of a `serverName`, see `serverNameId`. */
  readonly id: string;
}

export function uniqueNeeds(needs: readonly Need[]): readonly Need[] {
  return [...new Map(needs.map((need) => [`${need.kind} ${need.id}`, need])).values()];
}
