import { type JsonObject, objectAt } from '../../schema/json.ts';
import type { Strategy } from '../strategy.ts';

const UID_LABEL = 'batch.kubernetes.io/controller-uid';

/**
 * A Job finds its Pods by its own uid, unless it says how: selector and labels of the template are the server's.
 *
 * Source: Kubernetes pkg/registry/batch/job/strategy.go, generateSelector.
 */
export const jobStrategy: Strategy = {
  hasGeneration: true,
  allowsUnconditionalUpdate: true,

  prepare(object, old) {
    const spec = objectAt(object, 'spec');
    const template = objectAt(spec, 'template');
    if (old !== undefined || spec === undefined || template === undefined || spec['manualSelector'] === true) return;
    const metadata = objectAt(template, 'metadata') ?? {};
    const { name, uid = '' } = object.metadata;
    const own = { [UID_LABEL]: uid, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
    const labels: JsonObject = { ...own, ...objectAt(metadata, 'labels') };
    metadata['labels'] = labels;
    template['metadata'] = metadata;
    if (Object.keys(object.metadata.labels ?? {}).length === 0)
      Object.assign(object.metadata, { labels: { ...labels } });
    const selector = objectAt(spec, 'selector') ?? {};
    selector['matchLabels'] = { [UID_LABEL]: uid, ...objectAt(selector, 'matchLabels') };
    spec['selector'] = selector;
  },
};
