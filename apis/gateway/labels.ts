/**
 * Label, annotation and finalizer names of ALB.
 *
 * Source: spec ALB sections 2, 5.3, 5.6, 11.1. The base domain is an operator
 * setting there (LABEL_BASE_DOMAIN); here it is fixed until a user needs another.
 */
export const BASE_DOMAIN = 'cpaas.io';

/** On Frontend, Rule, Instance and generated objects: the owning ALB2. */
export const LABEL_ALB = `alb2.${BASE_DOMAIN}/name`;
/** On Rule: the owning Frontend. */
export const LABEL_FRONTEND = `alb2.${BASE_DOMAIN}/frontend`;
export const LABEL_SOURCE_TYPE = `alb2.${BASE_DOMAIN}/source-type`;
export const LABEL_SOURCE_NAME = `alb2.${BASE_DOMAIN}/source-name`;
export const LABEL_SOURCE_NAMESPACE = `alb2.${BASE_DOMAIN}/source-ns`;
/** `<rule>-<path>`, counted from 0. */
export const LABEL_SOURCE_INDEX = `alb2.${BASE_DOMAIN}/source-index`;
/** On Namespace and Rule: the project. */
export const LABEL_PROJECT = `${BASE_DOMAIN}/project`;
/** On ALB2: `port` or `instance`. */
export const LABEL_ROLE = `${BASE_DOMAIN}/role`;
/** Prefix of the labels `project.cpaas.io/<project>: "true"` on ALB2 and Frontend. */
export const LABEL_PROJECT_PREFIX = `project.${BASE_DOMAIN}/`;
/** On objects made by the operator. */
export const LABEL_MANAGED_BY = `alb.${BASE_DOMAIN}/managed-by`;
export const LABEL_OPERATOR_ALB_NAME = `alb.${BASE_DOMAIN}/alb2-operator-albname`;
export const LABEL_OPERATOR_ALB_NAMESPACE = `alb.${BASE_DOMAIN}/alb2-operator-albns`;
/** On objects made by the operator: `<namespace>_<alb>`, when that fits a label. */
export const LABEL_OPERATOR_ALB = `alb.${BASE_DOMAIN}/alb2-operator`;
export const MANAGED_BY = 'alb-operator';
/** On the Services of an ALB: `lb` for the LoadBalancer Service. */
export const LABEL_SERVICE_TYPE = `alb.${BASE_DOMAIN}/service_type`;
/** On the pods of an ALB, and so the selector of its Services: `alb2-<alb>`. */
export const LABEL_SERVICE_NAME = 'service_name';
/** On objects made by the operator: which version made them. */
export const LABEL_OPERATOR_VERSION = `alb.${BASE_DOMAIN}/version`;
/** On objects of a workload: JSON list of the labels and annotations of its user, to take away those that he no longer wants. */
export const ANNOTATION_FURTHER_METADATA = `alb.${BASE_DOMAIN}/further-metadata`;
/** Holds a Gateway until nothing that was made for it is left. */
export const FINALIZER_GATEWAY = 'gateway.causeway.io/finalizer';
/** On Gateway: the ALB2 of its namespace that serves it. Source: spec ALB-111. */
export const LABEL_ALB_REF = `alb.${BASE_DOMAIN}/alb-ref`;
/** On GatewayClasses of ALBs. Source: spec ALB-111, ALB-112. */
export const LABEL_GATEWAY_CLASS_DEPLOY = `gatewayclass.${BASE_DOMAIN}/deploy`;
/** `shared` or `standalone`. */
export const LABEL_GATEWAY_CLASS_TYPE = `gatewayclass.${BASE_DOMAIN}/type`;
/** On the pods of an ALB: its antiAffinityKey. */
export const LABEL_ANTI_AFFINITY = `alb2.${BASE_DOMAIN}/type`;
/** On the LoadBalancer Service: JSON map of the annotations that were last written because of the ALB2. */
export const ANNOTATION_ORIGIN = `alb.${BASE_DOMAIN}/origin_annotation`;

export const ANNOTATION_SOURCE_RULE_INDEX = `alb2.${BASE_DOMAIN}/source-ingress-rule-index`;
export const ANNOTATION_SOURCE_PATH_INDEX = `alb2.${BASE_DOMAIN}/source-ingress-path-index`;
/**
 * On Frontend: the Ingress (`namespace/name`) whose defaultBackend its service
 * group is. Tells a group we wrote from an administrator's.
 */
export const ANNOTATION_DEFAULT_BACKEND_OF = `alb.${BASE_DOMAIN}/default-backend-of`;
/**
 * On Frontend: the default certificate of the ALB that was written into certificate_name, `''` for none. While both are
 * equal, certificate_name follows the default.
 */
export const ANNOTATION_DEFAULT_CERTIFICATE = `alb.${BASE_DOMAIN}/default-certificate`;
/** On ALB2: JSON map of environment variables (`FallbackDefaultPortCert`, `METRICS_AUTH`). */
export const ANNOTATION_NGINX_ENV = `alb.${BASE_DOMAIN}/nginx-env`;
/** On ALB2: JSON list of tolerations of the pods, beside those that all have. */
export const ANNOTATION_TOLERATION = `alb.${BASE_DOMAIN}/toleration`;
/** On ALB2: its presence makes the pods tolerate every taint. */
export const ANNOTATION_TOLERATE_ALL = 'tolerate-all';
/** On ALB2: JSON map of annotations of the pods. */
export const ANNOTATION_POD_ANNOTATIONS = `alb.${BASE_DOMAIN}/pod-annotations`;
/** On ALB2: `"true"`, the operator leaves this object alone. */
export const ANNOTATION_IGNORE = `alb.${BASE_DOMAIN}/ignoreme`;
/** On ALB2: JSON config, used when spec.config is missing. */
export const ANNOTATION_MIGRATE_BACKUP = `alb.${BASE_DOMAIN}/migrate-backup`;
/** On IngressClass: comma list of projects. */
export const ANNOTATION_CLASS_PROJECT = `alb.${BASE_DOMAIN}/project`;
export const ANNOTATION_DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';
/** On Ingress: the old way to name its class. */
export const ANNOTATION_INGRESS_CLASS = 'kubernetes.io/ingress.class';
/** On Ingress: `host=ns/secret,...`. */
export const ANNOTATION_TLS = `alb.networking.${BASE_DOMAIN}/tls`;
/** On Ingress: `true` or `false`. */
export const ANNOTATION_ENABLE_HTTPS = `alb.networking.${BASE_DOMAIN}/enable-https`;
/** On HTTPRoute: prefix of `<rule>-<match>`. */
export const ANNOTATION_ROUTE_PRIORITY_PREFIX = `alb.${BASE_DOMAIN}/gateway-http-router-rule-priority-`;
/** On Ingress: prefix of `<rule>-<path>`. */
export const ANNOTATION_PRIORITY_PREFIX = `alb.${BASE_DOMAIN}/ingress-rule-priority-`;
export const ANNOTATION_PREFIX_NGINX = 'nginx.ingress.kubernetes.io/';
export const ANNOTATION_PREFIX_ALB_INGRESS = `alb.ingress.${BASE_DOMAIN}/`;
export const ANNOTATION_PREFIX_ALB_MODSECURITY = `alb.modsecurity.${BASE_DOMAIN}/`;
/** On Ingress, Rule, Frontend and ALB2: rules of the firewall (ALB-96). */
export const ANNOTATION_FIREWALL_RULES = `${ANNOTATION_PREFIX_NGINX}modsecurity-snippet`;
export const ANNOTATION_PREFIX_ALB_RULE = `alb.rule.${BASE_DOMAIN}/`;

export const FINALIZER_OPERATOR = 'alb2.finalizer';
export const FINALIZER_INSTANCE = 'alb2_instance.finalizer';
/** spec.controller of the IngressClass of an ALB. */
export const INGRESS_CONTROLLER = `${BASE_DOMAIN}/alb2`;
/** Every project. */
export const ALL_PROJECTS = 'ALL_ALL';
