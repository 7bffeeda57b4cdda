/** The state requests are served from; swapped as a whole by a full transaction. */
import { newState, type State } from './state.ts';

export const live: { state: State } = { state: newState() };
