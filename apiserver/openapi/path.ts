import { apiVersionOf, type KindNames } from '@causeway/apis/meta/kind';
import type { Subresource } from '../registry/subresource.ts';
import { definitionName } from '../schema/built-in.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import { componentName, type Dialect, refTo } from './component.ts';

/** One kind in one version, as the server serves it now. */
export interface ServedKind {
  readonly names: KindNames;
  readonly schema: StructuralSchema;
  readonly origin: 'built-in' | 'custom';
  readonly subresources?: readonly Subresource[];
  /** A collection of it cannot be deleted in one request. */
  readonly deletesSingly?: boolean;
}

type Action = 'list' | 'post' | 'get' | 'put' | 'patch' | 'delete' | 'deletecollection';

const METHODS: Readonly<Record<Action, string>> = {
  list: 'get',
  post: 'post',
  get: 'get',
  put: 'put',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

const ACTIONS = { create: 'post', get: 'get', patch: 'patch', update: 'put' } as const;

const WRITE_PARAMETERS = ['pretty', 'dryRun', 'fieldManager', 'fieldValidation'];

const PARAMETERS: Readonly<Record<Action, readonly string[]>> = {
  list: [
    'pretty',
    'allowWatchBookmarks',
    'continue',
    'fieldSelector',
    'labelSelector',
    'limit',
    'resourceVersion',
    'resourceVersionMatch',
    'timeoutSeconds',
    'watch',
  ],
  post: WRITE_PARAMETERS,
  get: ['pretty'],
  put: WRITE_PARAMETERS,
  patch: [...WRITE_PARAMETERS, 'force'],
  delete: ['pretty', 'dryRun', 'gracePeriodSeconds', 'propagationPolicy'],
  deletecollection: ['pretty', 'dryRun', 'fieldSelector', 'gracePeriodSeconds', 'labelSelector', 'propagationPolicy'],
};

const BOOLEANS = new Set(['allowWatchBookmarks', 'force', 'watch']);
const INTEGERS = new Set(['gracePeriodSeconds', 'limit', 'timeoutSeconds']);
const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
/** `kubectl apply` patches in the way that is announced here; custom resources have no merge keys. */
const BUILT_IN_PATCH_TYPES = [...PATCH_TYPES, 'application/strategic-merge-patch+json'];

/**
 * The paths of some kinds. kubectl looks for the kind of a path when it explains, and at the parameters of `patch` to learn whether the
 * server validates fields itself.
 */
export function pathsOf(kinds: readonly ServedKind[], dialect: Dialect): Record<string, object> {
  const paths: Record<string, object> = {};
  for (const kind of kinds) {
    const { names } = kind;
    const root = names.group === '' ? `/api/${names.version}` : `/apis/${apiVersionOf(names)}`;
    const collection = names.namespaced ? `${root}/namespaces/{namespace}/${names.plural}` : `${root}/${names.plural}`;
    const variables = names.namespaced ? ['namespace'] : [];
    const item = (path: string, actions: readonly Action[], pathVariables: readonly string[]): void => {
      paths[path] = pathItem({ kind, actions, pathVariables, dialect, path });
    };
    if (names.namespaced) item(`${root}/${names.plural}`, ['list'], []);
    item(collection, kind.deletesSingly === true ? ['list', 'post'] : ['list', 'post', 'deletecollection'], variables);
    item(`${collection}/{name}`, ['get', 'put', 'patch', 'delete'], ['name', ...variables]);
    for (const { name, kind: part, verbs } of kind.subresources ?? []) {
      const path = `${collection}/{name}/${name}`;
      const actions = verbs.map((verb) => ACTIONS[verb]);
      paths[path] = pathItem({ kind, part, actions, pathVariables: ['name', ...variables], dialect, path });
    }
  }
  return paths;
}

interface PathItem {
  readonly kind: ServedKind;
  /** Of a subresource, what is sent and answered. */
  readonly part?: Subresource['kind'];
  readonly actions: readonly Action[];
  readonly pathVariables: readonly string[];
  readonly dialect: Dialect;
  readonly path: string;
}

function pathItem({ kind, part = kind.names, actions, pathVariables, dialect, path }: PathItem): object {
  const item: Record<string, unknown> = {};
  const component = part === kind.names ? componentName(kind) : definitionName(part);
  for (const action of actions) {
    item[METHODS[action]] = operation({ kind, gvk: part, component, action, dialect, path });
  }
  item['parameters'] = pathVariables.map((name) => ({
    name,
    in: 'path',
    required: true,
    uniqueItems: true,
    ...typed('string', dialect),
  }));
  return item;
}

interface Operation {
  readonly kind: ServedKind;
  readonly gvk: Subresource['kind'];
  /** Name of the schema of what is sent and answered. */
  readonly component: string;
  readonly action: Action;
  readonly dialect: Dialect;
  readonly path: string;
}

function operation({ kind, gvk, component, action, dialect, path }: Operation): object {
  const { group, version } = kind.names;
  const answer = refTo(action === 'list' ? `${component}List` : component, dialect);
  const sendsBody = action === 'post' || action === 'put' || action === 'patch';
  const patchTypes = kind.origin === 'built-in' ? BUILT_IN_PATCH_TYPES : PATCH_TYPES;
  const bodyTypes = action === 'patch' ? patchTypes : ['application/json', 'application/yaml'];
  const bodySchema = action === 'patch' ? { type: 'object' } : refTo(component, dialect);
  const parameters = PARAMETERS[action].map((parameter) => queryParameter(parameter, dialect));
  const about = {
    tags: [group === '' ? `core_${version}` : `${group.split('.')[0] ?? ''}_${version}`],
    operationId: `${action}${path.replace(/[^A-Za-z0-9]+(.)?/g, (_all, next: string | undefined) => next?.toUpperCase() ?? '')}`,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: gvk.group, version: gvk.version, kind: gvk.kind },
  };
  if (dialect === 'v2') {
    const body = { name: 'body', in: 'body', required: true, schema: bodySchema };
    return {
      ...about,
      consumes: sendsBody ? bodyTypes : ['*/*'],
      produces: ['application/json'],
      parameters: sendsBody ? [body, ...parameters] : parameters,
      responses: { '200': { description: 'OK', schema: answer } },
    };
  }
  return {
    ...about,
    parameters,
    ...(sendsBody
      ? {
          requestBody: {
            required: true,
            content: Object.fromEntries(bodyTypes.map((type) => [type, { schema: bodySchema }])),
          },
        }
      : {}),
    responses: { '200': { description: 'OK', content: { 'application/json': { schema: answer } } } },
  };
}

function queryParameter(name: string, dialect: Dialect): object {
  const type = BOOLEANS.has(name) ? 'boolean' : INTEGERS.has(name) ? 'integer' : 'string';
  return { name, in: 'query', uniqueItems: true, ...typed(type, dialect) };
}

function typed(type: string, dialect: Dialect): object {
  return dialect === 'v3' ? { schema: { type, uniqueItems: true } } : { type };
}
