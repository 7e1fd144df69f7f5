import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSecondsOf } from './support/process-cpu.js';
import { Postfix } from './support/postfix.js';
import { sendLoad, Sink } from './support/smtp-tools.js';
import { median, table, type Section } from './support/report.js';
import { Product } from '../test/support/product.js';
import { waitFor } from '../test/support/wait-for.js';

const MESSAGES = 1500;
const WARM_UP = 300;
const CONNECTIONS = 10;
const PAIRS = 5;
const RULES = 100;
const MAIL_FROM = 'ann@clinic.example';
const RCPT_TO = 'bob@customer.example';

/** One run of one peer: messages a second until all had left, while they came in, and CPU of all its processes. */
interface Run {
  readonly drained: number;
  readonly accepted: number;
  readonly cpuMs: number;
  /** CPU by process, ms a message. */
  readonly parts: ReadonlyMap<string, number>;
}

interface Peer {
  readonly port: number;
  /** Its processes (each with those below it) by name. */
  readonly processes: ReadonlyMap<string, number>;
}

/**
 * The whole line: 10 kB messages through SMTP in, one matching rule of 100, S/MIME, SMTP out, beside Postfix with a
 * content filter of no cost, in interleaved pairs.
 */
export async function benchLine(): Promise<Section> {
  if (!Postfix.isHere()) return { title: 'The whole line', text: 'Left out: it needs Postfix, and root to run it.' };
  const folder = mkdtempSync(join(tmpdir(), 'sealflow-bench-mail-'));
  const file = join(folder, 'message.eml');
  writeFileSync(file, tenKilobytes());
  const sections: string[] = [];
  try {
    for (const queue of ['redis', 'postgres'] as const) sections.push(await benchQueue(queue, file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { title: 'The whole line, beside Postfix with a content filter', text: sections.join('\n\n') };
}

async function benchQueue(queue: 'redis' | 'postgres', file: string): Promise<string> {
  const sink = await Sink.start();
  const postfix = await Postfix.start(sink.port);
  const product = await Product.start({ relayUrl: `smtp://127.0.0.1:${sink.port}?tls=none`, queue, isDurable: true });
  try {
    await setUp(product);
    const ours: Peer = { port: product.smtpPort, processes: processesOf(product) };
    const peer: Peer = { port: postfix.port, processes: new Map([['Postfix', postfix.pid]]) };
    await run(ours, sink, file, WARM_UP);
    await run(peer, sink, file, WARM_UP);
    const pairs: { ours: Run; peer: Run }[] = [];
    for (let pair = 0; pair < PAIRS; pair += 1) {
      pairs.push({ ours: await run(ours, sink, file, MESSAGES), peer: await run(peer, sink, file, MESSAGES) });
      process.stderr.write(`  line on ${queue}: pair ${pair + 1} of ${PAIRS}\n`);
    }
    return report(queue, pairs);
  } finally {
    await product.stop();
    postfix.stop();
    await sink.stop();
  }
}

async function run(peer: Peer, sink: Sink, file: string, count: number): Promise<Run> {
  const cpuNow = (): Map<string, number> =>
    new Map([...peer.processes].map(([name, pid]) => [name, cpuSecondsOf([pid])]));
  const [before, cpuBefore, start] = [sink.count, cpuNow(), performance.now()];
  const sent = await sendLoad({
    port: peer.port,
    file,
    count,
    connections: CONNECTIONS,
    mailFrom: MAIL_FROM,
    rcptTo: RCPT_TO,
  });
  await waitFor('every message to leave', () => sink.count >= before + count, { timeoutMs: 120_000, intervalMs: 5 });
  const seconds = (performance.now() - start) / 1000;
  // What is recorded behind the last delivery counts too.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const parts = new Map(
    [...cpuNow()].map(([name, used]) => [name, ((used - (cpuBefore.get(name) ?? 0)) * 1000) / count]),
  );
  const cpuMs = [...parts.values()].reduce((sum, one) => sum + one, 0);
  return { drained: count / seconds, accepted: count / sent.seconds, cpuMs, parts };
}

function processesOf(product: Product): Map<string, number> {
  const { postgres, redis } = product;
  return new Map([
    ['SMTP door', product.pidOf('smtp')],
    ['worker', product.pidOf('worker')],
    ['API', product.pidOf('api')],
    ['PostgreSQL', postgres.pid],
    ...(redis === undefined ? [] : ([['Redis', redis.pid]] as const)),
  ]);
}

function report(queue: string, pairs: readonly { ours: Run; peer: Run }[]): string {
  const of = (pick: (run: Run) => number) => ({
    ours: median(pairs.map(({ ours }) => pick(ours))),
    peer: median(pairs.map(({ peer }) => pick(peer))),
    ratio: median(pairs.map(({ ours, peer }) => pick(ours) / pick(peer))),
  });
  const row = (name: string, figures: { ours: number; peer: number; ratio: number }, digits: number): string[] => [
    name,
    figures.ours.toFixed(digits),
    figures.peer.toFixed(digits),
    figures.ratio.toFixed(2),
  ];
  const parts = [...(pairs[0]?.ours.parts.keys() ?? [])].map(
    (name) => `${name} ${median(pairs.map(({ ours }) => ours.parts.get(name) ?? 0)).toFixed(2)}`,
  );
  const head = queue === 'redis' ? 'Queues on Redis (AOF, fsync each second)' : 'Queues on PostgreSQL alone';
  return `### ${head}\n\n${MESSAGES} messages, ${CONNECTIONS} connections, ${PAIRS} interleaved pairs; medians.\n\n${table(
    ['', 'Sealflow', 'Postfix + filter', 'ratio'],
    [
      row(
        'drained, messages/s',
        of((one) => one.drained),
        0,
      ),
      row(
        'accepted while draining, messages/s',
        of((one) => one.accepted),
        0,
      ),
      row(
        'CPU of all processes, ms/message',
        of((one) => one.cpuMs),
        2,
      ),
    ],
  )}\n\nWhere the CPU goes, ms/message: ${parts.join(', ')}.`;
}

/** 99 rules that do not match and one that protects. */
async function setUp(product: Product): Promise<void> {
  await product.json('/v1/certificates', { pem: readFileSync('test/vectors/keys/bob.test-cert.pem', 'utf8') });
  for (let index = 1; index < RULES; index += 1) {
    await product.json('/v1/rules', {
      name: `Project ${index}`,
      conditions: {
        all: [
          {
            fact: 'subjectOrBody',
            operator: 'containsWords',
            value: [`project ${index} of the clinic`, `record ${index}`],
          },
          { fact: 'recipient.scope', operator: 'equal', value: 'external' },
        ],
      },
      actions: [{ type: 'prependSubject', text: `[${index}] ` }],
    });
  }
  await product.json('/v1/rules', {
    name: 'Financial records to outsiders',
    conditions: {
      all: [
        { fact: 'subjectOrBody', operator: 'containsWords', value: ['financial records'] },
        { fact: 'recipient.scope', operator: 'equal', value: 'external' },
      ],
    },
    actions: [{ type: 'encrypt', method: 'smime' }],
  });
}

function tenKilobytes(): string {
  const lines = ['From: Ann <ann@clinic.example>', `To: Bob <${RCPT_TO}>`, 'Subject: load', 'MIME-Version: 1.0'];
  lines.push(
    'Date: Tue, 24 Nov 2026 10:00:00 +0000',
    'Message-ID: <load@clinic.example>',
    'Content-Type: text/plain',
    '',
  );
  lines.push('These are the financial records that you asked for.');
  while (lines.join('\n').length < 10_000)
    lines.push(`Line ${lines.length} says nothing much, and takes as long as people write.`);
  return `${lines.join('\n')}\n`;
}
