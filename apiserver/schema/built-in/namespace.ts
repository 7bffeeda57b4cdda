import { isJsonObject, objectAt, textAt } from '../json.ts';
import { dnsLabel } from '../names.ts';
import type { KindRules } from './rules.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

export const namespaceRules: KindRules = {
  checkName: dnsLabel,
  prepare(object) {
    const meta = objectAt(object, 'metadata');
    const name = textAt(meta, 'name');
    if (meta === undefined || name === '') return;
    meta['labels'] = { ...(isJsonObject(meta['labels']) ? meta['labels'] : {}), [NAME_LABEL]: name };
  },
  applyDefaults(object) {
    object['status'] = { phase: 'Active', ...objectAt(object, 'status') };
  },
};
