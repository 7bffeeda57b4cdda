import type { OperatorIR } from './operator.ts';

/** A text that is put together for every request. */
export type TemplateIR = readonly TemplatePartIR[];

/** A fixed text, or what the request says; a variable without value is empty. */
export type TemplatePartIR = string | { readonly variable: string } | OperatorIR;
