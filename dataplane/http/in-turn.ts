/**
 * Several pieces of work as one function. LuaJIT compiles calls of it into the code of the request, piece after piece; a function that
 * goes through a list is a loop to it, however short, and splits that code.
 */
import type { Answer, Exchange } from './exchange.ts';

type Answering = (this: void, exchange: Exchange) => Answer | undefined;
type Silent = (this: void, exchange: Exchange) => void;

/** @returns what does one after the other, until one has an answer; undefined when there is nothing to do */
export function untilAnswered(pieces: readonly Answering[]): Answering | undefined {
  let all = pieces[pieces.length - 1];
  for (let position = pieces.length - 2; position >= 0; position--) {
    const piece = pieces[position];
    if (piece !== undefined && all !== undefined) all = answeringPair(piece, all);
  }
  return all;
}

/** @returns what does one after the other; undefined when there is nothing to do */
export function inTurn(pieces: readonly Silent[]): Silent | undefined {
  let all = pieces[pieces.length - 1];
  for (let position = pieces.length - 2; position >= 0; position--) {
    const piece = pieces[position];
    if (piece !== undefined && all !== undefined) all = silentPair(piece, all);
  }
  return all;
}

function answeringPair(first: Answering, second: Answering): Answering {
  return (exchange) => {
    const answer = first(exchange);
    if (answer !== undefined) return answer;
    return second(exchange);
  };
}

function silentPair(first: Silent, second: Silent): Silent {
  return (exchange) => {
    first(exchange);
    second(exchange);
  };
}
