import type { Judge, JudgeRequest, JudgeAnswer } from '#lib/flow';

/** A judge that is made when somebody asks for the first time: its thread takes memory, and few APIs are asked. */
export class LazyJudge<Made extends Judge & { close(): Promise<void> }> implements Judge {
  #made: Made | undefined;

  constructor(private readonly make: () => Made) {}

  judge(request: JudgeRequest): Promise<JudgeAnswer> {
    this.#made ??= this.make();
    return this.#made.judge(request);
  }

  async close(): Promise<void> {
    await this.#made?.close();
  }
}
