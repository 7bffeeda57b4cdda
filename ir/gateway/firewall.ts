import type { TemplateIR } from './template.ts';

/** Requests and the headers of their answers are inspected before anything else is done. Source: spec ALB-96. */
export interface FirewallIR {
  readonly type: 'firewall';
  readonly ruleSet: FirewallRuleSetIR;
  /** Names the request in the audit log; empty: a name is made up. */
  readonly transaction: TemplateIR;
}

/** Equal ones are one: loaded once, whatever the number of routes. In this order. */
export interface FirewallRuleSetIR {
  /** Settings for the inspection of bodies, and rules against malformed ones. */
  readonly recommended: boolean;
  /** In the language of ModSecurity, checked; a directive a line. */
  readonly rules: string;
  /** The core rule set of OWASP. */
  readonly core: boolean;
}
