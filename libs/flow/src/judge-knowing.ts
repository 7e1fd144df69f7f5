import type { DirectoryErrorCode } from './errors.js';
import { lookUpWanted, type Known, type LookUpPorts } from './look-up.js';
import type { Judge, JudgeRequest, Judgement } from './ports.js';

/** A message has one header: once it is known who stands in it nothing more can be wanted. */
const ROUNDS_MAX = 2;

/** A judgement, with everything that it was made of. */
export interface Asked {
  readonly judgement: Judgement;
  /** As it was judged at last. */
  readonly request: JudgeRequest;
  readonly known: Known;
}

/**
 * Judges with what is known, and looks up what the judge wants besides; brings the named lists of the
 * rule set. The one way to the judge, for the line, for dry
 * runs and for explanations: those bring a directory that answers as it did then. Errors: those of the judge and the ports.
 */
export async function judgeKnowing(
  ports: LookUpPorts & { readonly judge: Judge },
  question: Omit<JudgeRequest, 'smimeKeys' | 'directory' | 'lists'>,
  known: Known,
): Promise<Asked> {
  const { organizationId } = question.accepted;
  const { lists: references = [] } = question.ruleSet.content;
  const lists = references.length === 0 ? undefined : await ports.lists.load(organizationId, references);
  let now = known;
  for (let round = 1; ; round += 1) {
    const { directory, certificates } = now;
    const request: JudgeRequest = {
      ...question,
      smimeKeys: [...certificates.keys()],
      ...(directory === undefined ? {} : { directory }),
      ...(lists === undefined ? {} : { lists }),
    };
    const answer = await ports.judge.judge(request);
    if (answer.kind !== 'wants') return { judgement: answer, request, known: now };
    if (round > ROUNDS_MAX) return { judgement: { kind: 'unjudged', code: UNSATISFIED }, request, known: now };
    now = await lookUpWanted(ports, request.accepted, request.ruleSet.content, answer.addresses, now);
  }
}

const UNSATISFIED: DirectoryErrorCode = 'ERR_DIRECTORY_LIMIT';
