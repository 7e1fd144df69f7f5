import type { JudgeRequest, JudgeAnswer } from '#lib/flow';

/** One message on its way through a thread. */
export interface JudgeTask {
  readonly n: number;
  readonly request: JudgeRequest;
  /** Digest of the rule set's content. */
  readonly key: string;
  readonly resolve: (judgement: JudgeAnswer) => void;
  readonly reject: (error: unknown) => void;
  /** Its first thread died over it: now it has one for itself. */
  isAlone: boolean;
}
