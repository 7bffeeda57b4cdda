/** What exports of OpenTelemetry have in common. Source: OpenTelemetry Protocol 1.3, logs.proto and metrics.proto. */
import { VERSION } from '@causeway/apis/meta/version';
import { field, message, numberField } from '@causeway/protocols/protobuf/message';

const SCOPE = message(1, field(1, 'causeway'), field(2, VERSION));

/** Puts records, or metrics, together to one export of a resource with these attributes. */
export function otlpRequest(attributes: Readonly<Record<string, string>>): (parts: readonly Buffer[]) => Buffer {
  const resource = message(1, ...Object.entries(attributes).map(([name, value]) => attribute(1, name, value)));
  return (parts) => message(1, resource, message(2, SCOPE, ...parts.map((part) => field(2, part, true))));
}

/** A KeyValue. Whole numbers stay such. */
export function attribute(number: number, name: string, value: string | number | boolean): Buffer {
  const isWhole = typeof value === 'number' && Number.isInteger(value) && value >= 0;
  return message(number, field(1, name), isWhole ? message(2, present(3, value)) : message(2, field(1, String(value))));
}

/** Also 0. */
function present(number: number, value: number): Buffer {
  return value === 0 ? Buffer.from([number * 8, 0]) : numberField(number, value);
}
