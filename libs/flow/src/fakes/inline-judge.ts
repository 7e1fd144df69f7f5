import { concat } from '../byte-streams.js';
import { judgeMessage, type JudgeOptions } from '../line.js';
import type { BlobStore, Judge, JudgeAnswer, JudgeRequest } from '../ports.js';

/** Judges in this thread, for tests. */
export class InlineJudge implements Judge {
  /** Errors that the next judgements end with. */
  readonly failures: Error[] = [];

  constructor(
    private readonly blobs: BlobStore,
    private readonly options: JudgeOptions = {},
  ) {}

  async judge(request: JudgeRequest): Promise<JudgeAnswer> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const { raw, dataKey, accepted } = request;
    // As through a thread: what crosses must be plain data.
    const read = raw === undefined ? this.blobs.read(dataKey, accepted.blob) : concat(raw);
    return structuredClone(await judgeMessage(request, read, this.options));
  }
}
