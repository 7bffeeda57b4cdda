/** A share of the requests has no backend that could take it, and gets an answer instead. */

/** The other requests go to the backends of the route. */
export interface WeightedAnswersStep {
  readonly type: 'weightedAnswers';
  /** Of all backends of the route. */
  readonly totalWeight: number;
  readonly answers: readonly WeightedAnswer[];
}

export interface WeightedAnswer {
  /** Its own weight and those of the answers before. */
  readonly weightUpTo: number;
  readonly status: number;
  readonly reason: string;
}

/** @param point from 0 up to, not including, `totalWeight` */
export function answerAt(answers: readonly WeightedAnswer[], point: number): WeightedAnswer | undefined {
  for (const answer of answers) if (point < answer.weightUpTo) return answer;
  return undefined;
}
