/** The program of a judging thread: takes messages in turn, answers each one. Started by `JudgeThread`. */
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Secret } from '#lib/core';
import { CompiledRuleSets, judgeMessage, type JudgeRequest } from '#lib/flow';
import type { RuleSetContent } from '#lib/rules';
import { SegmentBlobStore } from '../blob/segment-blob-store.js';
import { AdapterError } from '../errors.js';
import {
  toAnswer,
  toSentError,
  type SentRequest,
  type ThreadAnswer,
  type ThreadSettings,
  type ToThread,
} from './thread-messages.js';

/** Answers of quick messages leave together, the first of them after so long at the latest. */
const GATHER_MS = 2;
const PIECE_BYTES = 64 * 1024;

interface RuleSetEntry {
  readonly content: RuleSetContent;
  readonly lists: JudgeRequest['lists'];
  /** Of this content and no other, so that no name can bring another one's rules. */
  readonly compiled: CompiledRuleSets;
}

interface Waiting {
  readonly n: number;
  readonly entry: RuleSetEntry | undefined;
  readonly request: SentRequest;
}

const port = parentPort;
if (port === null) throw new TypeError('judge-thread is the program of a worker thread');
const { blobUrl, budgetMs } = workerData as ThreadSettings;
const ruleSets = new Map<string, RuleSetEntry>();
const waiting = new Map<number, Waiting>();
let isRunning = false;
let blobs: Promise<SegmentBlobStore> | undefined;

port.on('message', (batch: readonly ToThread[]) => {
  for (const message of batch) take(message);
  if (!isRunning) void run();
});
port.postMessage('ready');

function take(message: ToThread): void {
  switch (message.kind) {
    case 'ruleSet':
      ruleSets.set(message.key, {
        content: message.content,
        lists: message.lists,
        compiled: new CompiledRuleSets(1),
      });
      break;
    case 'forget':
      ruleSets.delete(message.key);
      break;
    case 'judge': {
      const { n, key, request } = message;
      waiting.set(n, { n, request, entry: ruleSets.get(key) });
      break;
    }
    case 'cancel':
      for (const n of message.numbers) waiting.delete(n);
      break;
  }
}

async function run(): Promise<void> {
  isRunning = true;
  let answers: ThreadAnswer[] = [];
  let since = performance.now();
  for (let next = first(); next !== undefined; next = first()) {
    waiting.delete(next.n);
    answers.push(await judge(next));
    if (waiting.size > 0 && performance.now() - since < GATHER_MS) continue;
    port?.postMessage(answers);
    answers = [];
    // What came meanwhile is taken up, cancelled ones among it.
    await turn();
    since = performance.now();
  }
  isRunning = false;
}

function first(): Waiting | undefined {
  return waiting.values().next().value;
}

async function judge({ n, entry, request }: Waiting): Promise<ThreadAnswer> {
  try {
    const { accepted, hash, smimeKeys, directory, loopSecret, source, isExplained } = request;
    if (entry === undefined) throw new AdapterError('ERR_JUDGE_FAILED', { detail: { code: 'RULE_SET_UNSENT' } });
    const dataKey = new Secret('dataKey' in source ? source.dataKey : new Uint8Array(0));
    const judgement = await judgeMessage(
      {
        accepted,
        dataKey,
        ruleSet: { hash, content: entry.content },
        smimeKeys,
        ...(directory === undefined ? {} : { directory }),
        ...(entry.lists === undefined ? {} : { lists: entry.lists }),
        loopSecret: new Secret(loopSecret),
        isExplained,
      },
      'raw' in source ? inPieces(source.raw) : await readBlob(dataKey, accepted.blob),
      { compiled: entry.compiled, ...(budgetMs === null ? {} : { budgetMs }) },
    );
    return toAnswer(n, judgement, isExplained);
  } catch (error) {
    return { n, kind: 'failed', error: toSentError(error) };
  }
}

async function readBlob(dataKey: Secret<Uint8Array>, ref: string): Promise<AsyncIterable<Uint8Array>> {
  if (blobUrl === null) throw new AdapterError('ERR_JUDGE_FAILED', { detail: { code: 'NO_BLOB_STORE' } });
  blobs ??= SegmentBlobStore.open(blobUrl).catch((error: unknown) => {
    blobs = undefined;
    throw error;
  });
  return (await blobs).read(dataKey, ref);
}

/** In pieces, as a blob would come: what holds a piece and what it becomes stays small. */
async function* inPieces({ buffer, byteOffset, length }: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (let at = 0; at < length; at += PIECE_BYTES) {
    yield Buffer.from(buffer, byteOffset + at, Math.min(PIECE_BYTES, length - at));
  }
}
