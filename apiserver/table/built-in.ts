import { groupKindText, type KindRef } from '@causeway/apis/meta/kind';
import { AGE, NAME, type PrintedColumn, printerOf } from './column.ts';
import { customResourceDefinitionColumns, leaseColumns } from './kinds/cluster.ts';
import { configMapColumns, namespaceColumns, secretColumns, serviceAccountColumns } from './kinds/configuration.ts';
import { eventColumns } from './kinds/event.ts';
import { ingressClassColumns, ingressColumns } from './kinds/ingress.ts';
import { nodeColumns } from './kinds/node.ts';
import { bindingColumns, roleColumns } from './kinds/rbac.ts';
import { endpointSliceColumns, endpointsColumns, serviceColumns } from './kinds/service.ts';
import { deploymentColumns, podColumns } from './kinds/workload.ts';
import type { TablePrinter } from './table.ts';

/** Source: Kubernetes pkg/printers/internalversion/printers.go. */
const COLUMNS: Readonly<Record<string, readonly PrintedColumn[]>> = {
  ConfigMap: configMapColumns,
  Endpoints: endpointsColumns,
  Event: eventColumns,
  Namespace: namespaceColumns,
  Node: nodeColumns,
  Pod: podColumns,
  Secret: secretColumns,
  Service: serviceColumns,
  ServiceAccount: serviceAccountColumns,
  'CustomResourceDefinition.apiextensions.k8s.io': customResourceDefinitionColumns,
  'Deployment.apps': deploymentColumns,
  'EndpointSlice.discovery.k8s.io': endpointSliceColumns,
  'Ingress.networking.k8s.io': ingressColumns,
  'IngressClass.networking.k8s.io': ingressClassColumns,
  'Lease.coordination.k8s.io': leaseColumns,
  'ClusterRoleBinding.rbac.authorization.k8s.io': bindingColumns,
  'ClusterRole.rbac.authorization.k8s.io': roleColumns,
  'RoleBinding.rbac.authorization.k8s.io': bindingColumns,
  'Role.rbac.authorization.k8s.io': roleColumns,
};

/** The columns `kubectl get` shows for a built-in kind; Name and Age for one without its own. */
export function builtInPrinter(kind: KindRef): TablePrinter {
  return printerOf(COLUMNS[groupKindText(kind)] ?? [NAME, AGE]);
}
