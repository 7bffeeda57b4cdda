import { STRING_FORMATS } from '../../schema/formats.ts';
import { dns1035Label, dnsLabel, dnsSubdomain, labelValue, type NameCheck, qualifiedName } from '../../schema/names.ts';
import { global, member, type Overload } from '../declaration.ts';
import { ListValue, NONE, Opaque, Optional } from '../value.ts';

/*
 * Named formats: `format.dns1123Label().validate(self.name)` is the list of what is wrong, or none.
 *
 * Source: apiserver pkg/cel/library/format.go.
 */

const TYPE = 'kubernetes.NamedFormat';

class NamedFormat extends Opaque {
  override readonly typeName = TYPE;
  readonly check: NameCheck;

  constructor(check: NameCheck) {
    super();
    this.check = check;
  }

  override equals(other: Opaque): boolean {
    return other === this;
  }
}

/** What a name is made from ends as the name may go on: with a dash. */
function prefix(check: NameCheck): NameCheck {
  return (text) => check(/-$/.test(text) ? `${text.slice(0, -1)}a` : text);
}

function ofFormat(format: string, problem: string): NameCheck {
  return (text) => (STRING_FORMATS[format]?.(text) === false ? problem : undefined);
}

const FORMAT_CHECKS: Readonly<Record<string, NameCheck>> = {
  dns1123Label: dnsLabel,
  dns1123Subdomain: dnsSubdomain,
  dns1035Label,
  qualifiedName,
  dns1123LabelPrefix: prefix(dnsLabel),
  dns1123SubdomainPrefix: prefix(dnsSubdomain),
  dns1035LabelPrefix: prefix(dns1035Label),
  labelValue,
  uri: ofFormat('uri', 'invalid URI for request'),
  uuid: ofFormat('uuid', 'does not match the UUID format'),
  byte: ofFormat('byte', 'invalid base64'),
  date: ofFormat('date', 'invalid date'),
  datetime: ofFormat('datetime', 'invalid datetime'),
};

const NAMED: ReadonlyMap<string, NamedFormat> = new Map(
  Object.entries(FORMAT_CHECKS).map(([name, check]) => [name, new NamedFormat(check)]),
);

const COST = { of: ([, text = 1]: readonly number[]) => Math.ceil((1 + text) * 0.1) * 15 };

export const FORMATS: readonly Overload[] = [
  ...[...NAMED].map(([name, format]) => global(`format.${name}`, `-> ${TYPE}`, () => format)),
  global('format.named', `string -> optional(${TYPE})`, (name: string) => {
    const format = NAMED.get(name);
    return format === undefined ? NONE : new Optional(format);
  }),
  member(
    'validate',
    `${TYPE}, string -> optional(list(string))`,
    ({ check }: NamedFormat, text: string) => {
      const problem = check(text);
      return problem === undefined ? NONE : new Optional(new ListValue([problem]));
    },
    COST,
  ),
];
