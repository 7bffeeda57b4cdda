/**
 * Requests that end when their worker has begun to end itself, since nginx got other ports: the connection to the agent is closed by then, and another one
 * tells it what became of them.
 */

type Tell = (this: void) => void;

let tell: Tell | undefined;

/** From now on `told` is called behind each request. */
export function tellLastRequests(told: Tell): void {
  tell = told;
}

/** Called in phase "log". */
export function requestEnded(): void {
  if (tell !== undefined) tell();
}
