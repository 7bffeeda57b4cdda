import {
  array,
  integer,
  type ListType,
  object,
  oneOf,
  optional,
  type Schema,
  string,
  type TypeOf,
} from '../meta/schema.ts';

const DNS_SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const BY_TYPE: ListType = ['type'];

/** A statement of a controller about an object or a part of it (meta/v1 Condition). */
const condition = object('A statement about it.', {
  type: string('What it is about: Accepted, ResolvedRefs, Programmed, ...', {
    maxLength: 316,
    pattern: `^(${DNS_SUBDOMAIN}/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`,
  }),
  status: oneOf('Whether it holds.', ['True', 'False', 'Unknown']),
  reason: string('Why, in a word for machines.', {
    minLength: 1,
    maxLength: 1024,
    pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
  }),
  message: string('Why, for people.', { maxLength: 32_768 }),
  lastTransitionTime: string('Since when the status is what it is.', { format: 'date-time' }),
  observedGeneration: optional(
    integer('metadata.generation of the object that it was made for.', { format: 'int64', minimum: 0 }),
  ),
});
export type GatewayCondition = TypeOf<typeof condition>;

const MOST_CONDITIONS = 8;

interface ConditionsOptions {
  readonly minItems?: number;
  readonly maxItems?: 'any';
  /** What holds until a controller says something. */
  readonly initial?: readonly string[];
}

export function conditions(
  description: string,
  { initial, maxItems, minItems }: ConditionsOptions = {},
): Schema<readonly GatewayCondition[]> {
  return array(description, condition, {
    list: BY_TYPE,
    ...(maxItems === 'any' ? {} : { maxItems: MOST_CONDITIONS }),
    ...(minItems === undefined ? {} : { minItems }),
    ...(initial === undefined ? {} : { default: pendingConditions(initial) }),
  });
}

/** What is true of an object that no controller has seen. */
export function pendingConditions(types: readonly string[]): readonly GatewayCondition[] {
  return types.map((type) => ({
    type,
    status: 'Unknown',
    reason: 'Pending',
    message: 'Waiting for controller',
    lastTransitionTime: '1970-01-01T00:00:00Z',
  }));
}
