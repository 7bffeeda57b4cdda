import { defineKind, type ObjectOfKind } from '../meta/crd.ts';
import { array, boolean, integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { proxyCookie, proxyRedirect } from './backend-answer.ts';
import { canary } from './canary.ts';
import { cors } from './cors.ts';
import { ALB_GROUP } from './group.ts';
import { inheritedSettings } from './inherited-settings.ts';
import { redirect } from './policy-config.ts';
import { serviceGroup, source } from './service-group.ts';

/** Which requests of a Frontend go where. Source: spec ALB sections 2.3 and 3. */
export type Rule = ObjectOfKind<typeof RuleKind>;
export type RuleSpec = Rule['spec'];

/** What a dslx term reads (spec ALB 3.1). */
export const DSLX_TYPES = ['HOST', 'URL', 'METHOD', 'HEADER', 'PARAM', 'COOKIE', 'SRC_IP'] as const;
export type DslxType = (typeof DSLX_TYPES)[number];

/** Operators of a dslx row (spec ALB 3.2). */
export const DSLX_OPERATORS = ['EQ', 'IN', 'STARTS_WITH', 'ENDS_WITH', 'REGEX', 'RANGE', 'EXIST'] as const;
export type DslxOperator = (typeof DSLX_OPERATORS)[number];

const dslxTerm = object('One condition: at least one of its rows holds.', {
  type: oneOf('Part of the request that is compared.', DSLX_TYPES),
  key: optional(string('Name of the header, query parameter or cookie; only with HEADER, PARAM and COOKIE.')),
  values: optional(
    array(
      'Rows; one must hold.',
      array('Operator, then its operands: ["STARTS_WITH", "/app"].', string('Operator or operand.')),
    ),
  ),
});
export type DslxTerm = TypeOf<typeof dslxTerm>;
export type Dslx = readonly DslxTerm[];

export const RuleKind = defineKind({
  names: {
    group: ALB_GROUP,
    version: 'v1',
    kind: 'Rule',
    plural: 'rules',
    singular: 'rule',
    shortNames: ['rl'],
    categories: [],
    namespaced: true,
    statusSubresource: false,
  },
  versions: [
    {
      name: 'v1',
      description:
        'Match criteria, priority, backends and actions; belongs to the Frontend of its label alb2.cpaas.io/frontend.',
      columns: [
        { name: 'priority', type: 'integer', jsonPath: '.spec.priority' },
        { name: 'matches', type: 'string', jsonPath: '.spec.dsl' },
        { name: 'source-type', type: 'string', jsonPath: '.spec.source.type' },
        { name: 'source-ns', type: 'string', jsonPath: '.spec.source.namespace' },
        { name: 'source-name', type: 'string', jsonPath: '.spec.source.name' },
      ],
      spec: object('What is matched and what happens.', {
        dslx: optional(array('All terms must hold.', dslxTerm)),
        priority: optional(
          integer('Smaller wins, -100 to 1000; unset: 0.', { minimum: -100, maximum: 1000, format: 'int32' }),
        ),
        dsl: optional(string('Text for search in the console; no effect.')),
        serviceGroup: optional(serviceGroup),
        backendProtocol: optional(string('Protocol to the backends: "", http, https, grpc.')),
        domain: optional(string('Host for which certificate_name is shown.')),
        certificate_name: optional(
          string('Certificate of `domain`: Secret `namespace/name`, old form `namespace_name`.'),
        ),
        url: optional(string('Path of the Ingress; regex of the rewrite when rewrite_base is empty.')),
        rewrite_base: optional(string('Regex whose first match in the path is replaced by rewrite_target.')),
        rewrite_target: optional(string('Replacement, with $1 to $9.')),
        enableCORS: optional(boolean('Answer preflights and add CORS headers (ALB-76).')),
        corsAllowOrigin: optional(string('Comma separated origins.')),
        corsAllowHeaders: optional(string('Comma separated headers.')),
        vhost: optional(string('Host header sent to the backend.')),
        redirectURL: optional(string('Deprecated: overrides config.redirect.url.')),
        redirectCode: optional(integer('Deprecated: overrides config.redirect.code.')),
        description: optional(string('Free text; Ingress rules: `<ns>/<name>:<port>:<path index>`.')),
        type: optional(string('Deprecated.')),
        source: optional(source),
        config: optional(
          object('Settings; absent ones are inherited from the Frontend, then the ALB2.', {
            ...inheritedSettings,
            refused: optional(
              string(
                'Requests are answered 500 for this reason: an Ingress asked for a protection that cannot be given.',
              ),
            ),
            redirect: optional(redirect),
            cors: optional(cors),
            domains: optional(
              array('Hosts for which certificate_name is shown beside `domain`.', string('May begin with `*.`.')),
            ),
            forwardedPrefix: optional(
              string('Value of X-Forwarded-Prefix that backends get, for paths that are rewritten.'),
            ),
            customHeaders: optional(string('Headers added to answers: ConfigMap `namespace/name`.')),
            connectionHeader: optional(string('Value of the Connection header that backends get.')),
            proxyCookie: optional(proxyCookie),
            proxyRedirect: optional(proxyRedirect),
            rewriteLog: optional(boolean('Each rewrite of a path is told in the error log of the data plane.')),
            spanName: optional(
              string(
                'Name of the spans of traced requests, may hold variables; default "$request_method $request_uri".',
              ),
            ),
            trustIncomingSpan: optional(
              boolean('Whether the trace that a request is in goes on; wins over flags.notrust_incoming_span of otel.'),
            ),
            canary: optional(canary),
            sslPassthrough: optional(
              boolean(
                'TLS connections to the hosts of this Rule go to its backends as they are (SNI); only on ports with TLS, and no other setting but timeout counts.',
              ),
            ),
            strictPrefix: optional(
              boolean('URL STARTS_WITH compares path elements: /abc takes /abc and /abc/d, not /abcd (ALB-22).'),
            ),
          }),
        ),
      }),
    },
  ],
});
