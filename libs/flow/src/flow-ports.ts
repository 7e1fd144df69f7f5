import { isAppError, type Clock, type RandomBytes } from '#lib/core';
import type { Enqueuer } from './enqueuer.js';
import type {
  BlobStore,
  Claim,
  Directory,
  Judge,
  Kms,
  MessageRecord,
  NamedLists,
  RecipientKeys,
  Relay,
  RuleSets,
} from './ports.js';
import type { RecipientState } from './message.js';

/** The steps of the line as they are measured. */
export type StepName = 'judge' | 'act' | 'emit' | 'trace';

/** Everything that the line needs of the world. */
export interface FlowPorts {
  readonly record: MessageRecord;
  readonly blobs: BlobStore;
  readonly kms: Kms;
  readonly ruleSets: RuleSets;
  readonly keys: RecipientKeys;
  readonly directory: Directory;
  readonly lists: NamedLists;
  readonly judge: Judge;
  readonly relay: Relay;
  readonly enqueue: Enqueuer;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Names this server in `Received` lines and in Message-IDs of notices. */
  readonly hostName: string;
  /** Whether the run may send: its claim was taken or renewed so lately that nobody else can have it. */
  readonly mayEmit: (claim: Claim) => boolean;
  /** Waits before the closing record is written again. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Time and outcome of a step: `ok` or an error code. */
  readonly observe?: (step: StepName, outcome: string, milliseconds: number) => void;
  /** An error that the line dealt with, for the log. Neither the error nor what is said of it holds content. */
  readonly onTrouble?: (error: unknown, about: { readonly messageId: string; readonly organizationId: string }) => void;
}

/** `closed`: recorded, with how many recipients went into each state. `released`: the claim was given back, due later. */
export type RunOutcome =
  | { readonly kind: 'closed'; readonly outcomes: Readonly<Partial<Record<RecipientState, number>>> }
  | { readonly kind: 'released'; readonly dueAt: Date; readonly code: string };

/** Tells the log. */
export function reportTrouble(
  ports: FlowPorts,
  { id, organizationId }: { readonly id: string; readonly organizationId: string },
  error: unknown,
): void {
  ports.onTrouble?.(error, { messageId: id, organizationId });
}

/** Measures a step. */
export async function observed<T>(ports: FlowPorts, step: StepName, work: () => Promise<T>): Promise<T> {
  const startedMs = ports.clock.now().getTime();
  const tell = (outcome: string): void => {
    ports.observe?.(step, outcome, ports.clock.now().getTime() - startedMs);
  };
  try {
    const result = await work();
    tell('ok');
    return result;
  } catch (error) {
    tell(codeOf(error));
    throw error;
  }
}

/** The code of an error, for metrics and for the claim that is given back. */
export function codeOf(error: unknown): string {
  return isAppError(error) ? error.code : 'ERR_MESSAGE_FAILED';
}
