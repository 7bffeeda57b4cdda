import type { Sequence } from '../../sequence.ts';
import { get, object, post, sequence } from '../steps.ts';

/** What is found under which path. */
export const PATH_SEQUENCES: readonly Sequence[] = [
  sequence(
    'paths/not found',
    get('/apis/none.example.org'),
    get('/apis/apps/v9'),
    get('/api/v1/nothing'),
    get('/none'),
    get('/api/v1/namespaces/<<ns>>/nodes'),
    post('/api/v1/configmaps', object('v1', 'ConfigMap', 'a')),
  ),
  sequence(
    'paths/discovery',
    get('/api'),
    get('/apis/networking.k8s.io'),
    get('/apis/networking.k8s.io/v1'),
    get('/apis/coordination.k8s.io/v1'),
    get('/apis/discovery.k8s.io/v1'),
    get('/apis/apiextensions.k8s.io/v1'),
    get('/apis/rbac.authorization.k8s.io/v1'),
    get('/apis/authorization.k8s.io/v1'),
    get('/apis/authentication.k8s.io/v1'),
  ),
  sequence('paths/health', get('/healthz'), get('/livez'), get('/readyz')),
];
