import { object, oneOf, optional, string } from '../meta/schema.ts';
import { ofKubernetes } from './bundle.ts';

/** What a user calls one of the objects of a data plane. */
export const name = (of: string) => optional(string(`Name of the ${of}; absent: one made of that of the Gateway.`));

/** Source: Envoy Gateway v1.7, KubernetesPatchSpec. */
export const patch = (of: string) =>
  optional(
    object(`Changes to the ${of}, after all others.`, {
      type: optional(oneOf('How they are merged; absent: StrategicMerge.', ['StrategicMerge', 'JSONMerge'])),
      value: ofKubernetes('The changes.'),
    }),
  );
