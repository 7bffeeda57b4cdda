import type { Facts } from './facts.ts';

const BYTES_MAP = { additionalProperties: { type: 'string', format: 'byte' } };
const BYTES = { format: 'byte' };
const WIDE = { format: 'int64' };
const NUMBER = { type: 'number', format: 'double' };

/** Numbers that are 64 bits wide or fractional, and strings that are base64; every other number is an int32. */
export const FORMATS: Facts = {
  'meta.v1.ObjectMeta/generation': WIDE,
  'meta.v1.ObjectMeta/deletionGracePeriodSeconds': WIDE,
  'meta.v1.ListMeta/remainingItemCount': WIDE,
  'meta.v1.DeleteOptions/gracePeriodSeconds': WIDE,
  'meta.v1.Condition/observedGeneration': WIDE,
  'core.v1.Secret/data': BYTES_MAP,
  'core.v1.ConfigMap/binaryData': BYTES_MAP,
  'core.v1.PodSpec/activeDeadlineSeconds': WIDE,
  'core.v1.PodSpec/terminationGracePeriodSeconds': WIDE,
  'core.v1.Probe/terminationGracePeriodSeconds': WIDE,
  'core.v1.Toleration/tolerationSeconds': WIDE,
  'core.v1.SleepAction/seconds': WIDE,
  'core.v1.SecurityContext/runAsUser': WIDE,
  'core.v1.SecurityContext/runAsGroup': WIDE,
  'core.v1.PodSecurityContext/runAsUser': WIDE,
  'core.v1.PodSecurityContext/runAsGroup': WIDE,
  'core.v1.PodSecurityContext/fsGroup': WIDE,
  'core.v1.PodSecurityContext/supplementalGroups': { items: { type: 'integer', ...WIDE } },
  'core.v1.ServiceAccountTokenProjection/expirationSeconds': WIDE,
  'core.v1.ContainerImage/sizeBytes': WIDE,
  'apps.v1.DeploymentStatus/observedGeneration': WIDE,
  'apps.v1.ControllerRevision/revision': WIDE,
  'apps.v1.DaemonSetStatus/observedGeneration': WIDE,
  'apps.v1.ReplicaSetStatus/observedGeneration': WIDE,
  'apps.v1.StatefulSetStatus/observedGeneration': WIDE,
  'authentication.v1.TokenRequestSpec/expirationSeconds': WIDE,
  'autoscaling.v1.HorizontalPodAutoscalerStatus/observedGeneration': WIDE,
  'autoscaling.v2.HorizontalPodAutoscalerStatus/observedGeneration': WIDE,
  'batch.v1.CronJobSpec/startingDeadlineSeconds': WIDE,
  'batch.v1.JobSpec/activeDeadlineSeconds': WIDE,
  'certificates.v1.CertificateSigningRequestSpec/request': BYTES,
  'certificates.v1.CertificateSigningRequestStatus/certificate': BYTES,
  'core.v1.ReplicationControllerStatus/observedGeneration': WIDE,
  'policy.v1.PodDisruptionBudgetStatus/observedGeneration': WIDE,
  'admissionregistration.v1.ValidatingAdmissionPolicyStatus/observedGeneration': WIDE,
  'admissionregistration.v1.WebhookClientConfig/caBundle': BYTES,
  'apiextensions.v1.JSONSchemaProps/maximum': NUMBER,
  'apiextensions.v1.JSONSchemaProps/minimum': NUMBER,
  'apiextensions.v1.JSONSchemaProps/multipleOf': NUMBER,
  'apiextensions.v1.JSONSchemaProps/maxItems': WIDE,
  'apiextensions.v1.JSONSchemaProps/minItems': WIDE,
  'apiextensions.v1.JSONSchemaProps/maxLength': WIDE,
  'apiextensions.v1.JSONSchemaProps/minLength': WIDE,
  'apiextensions.v1.JSONSchemaProps/maxProperties': WIDE,
  'apiextensions.v1.JSONSchemaProps/minProperties': WIDE,
  // Keywords of CRD schemas that the declarations leave out, because `-` cannot be in their names.
  'apiextensions.v1.JSONSchemaProps': { 'x-kubernetes-preserve-unknown-fields': true },
  'apiextensions.v1.WebhookClientConfig/caBundle': BYTES,
};
