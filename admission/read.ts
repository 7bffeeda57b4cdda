import type { View } from '@causeway/resources/view';

/** What a review may look at: the snapshot, read without recording. */
export type Read = Pick<View, 'get' | 'by' | 'all'>;
