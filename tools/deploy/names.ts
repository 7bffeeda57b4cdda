/** Of the programs on a cluster, and of everything that belongs to them. */
export const NAME = 'causeway-controllers';
export const NAMESPACE = 'causeway-system';
/** Of the Lease by which `causeway controllers` finds its leader: fixed, so that two installations of a cluster do not both lead. */
export const LEASE_NAMESPACE = 'kube-system';
/** Service, Secret and ValidatingWebhookConfiguration of the admission webhook. */
export const WEBHOOK = 'causeway-webhook';
export const WEBHOOK_PORT = 9443;

export const LABELS: Readonly<Record<string, string>> = {
  'app.kubernetes.io/name': 'causeway',
  'app.kubernetes.io/component': 'controllers',
};
