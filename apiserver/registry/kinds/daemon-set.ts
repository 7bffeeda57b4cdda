import { countTemplate, templateCount } from '../../schema/built-in/daemon-set-template.ts';
import { jsonEqual, objectAt } from '../../schema/json.ts';
import type { Strategy } from '../strategy.ts';

/** Changes of the template are counted. Source: Kubernetes pkg/registry/apps/daemonset/strategy.go. */
export const daemonSetStrategy: Strategy = {
  hasGeneration: true,
  allowsUnconditionalUpdate: true,

  prepare(object, old) {
    if (old === undefined) return;
    const isSame = jsonEqual(objectAt(object, 'spec')?.['template'], objectAt(old, 'spec')?.['template']);
    const before = templateCount(old);
    countTemplate(object, isSame ? before : before + 1);
  },
};
