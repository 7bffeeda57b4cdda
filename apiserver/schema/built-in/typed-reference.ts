import { child, type FieldError, invalid, required } from '../field-error.ts';
import { type JsonObject, textAt } from '../json.ts';
import { dnsSubdomain, pathSegment } from '../names.ts';

/** What is wrong with a `TypedLocalObjectReference`. Source: Kubernetes pkg/apis/networking/validation, validateIngressTypedLocalObjectReference. */
export function typedReferenceErrors(reference: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const group = reference['apiGroup'];
  const groupProblem = typeof group === 'string' ? dnsSubdomain(group) : undefined;
  if (groupProblem !== undefined) errors.push(invalid(child(path, 'apiGroup'), group, groupProblem));
  for (const key of ['kind', 'name']) {
    const text = textAt(reference, key);
    const problem = pathSegment(text);
    if (text === '') errors.push(required(child(path, key), `${key} is required`));
    else if (problem !== undefined) errors.push(invalid(child(path, key), text, problem));
  }
  return errors;
}
