import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { residentBytesOf } from './support/process-cpu.js';
import { Postfix } from './support/postfix.js';
import { sendLoad, Sink } from './support/smtp-tools.js';
import { table, type Section } from './support/report.js';
import { Product } from '../test/support/product.js';
import { waitFor } from '../test/support/wait-for.js';

const MESSAGE_BYTES = 50 * 2 ** 20;
const ROUNDS = 3;
const TITLE = 'Memory of the worker while a message of 50 MiB walks the line';

/** Peak of the worker's resident memory above idle, while one message of 50 MiB is sealed and leaves. */
export async function benchMemory(): Promise<Section> {
  if (!Postfix.isHere()) return { title: TITLE, text: 'Left out: it needs smtp-source and smtp-sink of Postfix.' };
  const folder = mkdtempSync(join(tmpdir(), 'sealflow-bench-large-'));
  const sink = await Sink.start();
  const product = await Product.start({
    relayUrl: `smtp://127.0.0.1:${sink.port}?tls=none`,
    queue: 'postgres',
    isDurable: true,
  });
  try {
    await product.json('/v1/certificates', { pem: readFileSync('test/vectors/keys/bob.test-cert.pem', 'utf8') });
    await product.json('/v1/rules', { name: 'All', actions: [{ type: 'encrypt', method: 'smime' }] });
    const [small, large] = [join(folder, 'small.eml'), join(folder, 'large.eml')];
    writeFileSync(small, message(10_000));
    writeFileSync(large, message(MESSAGE_BYTES));
    const send = async (file: string, count: number): Promise<void> => {
      const before = sink.count;
      const envelope = { mailFrom: 'ann@clinic.example', rcptTo: 'bob@customer.example' };
      await sendLoad({ port: product.smtpPort, file, count, connections: 1, ...envelope });
      await waitFor('the message to leave', () => sink.count >= before + count, { timeoutMs: 120_000, intervalMs: 5 });
    };
    // Code that is used for the first time is compiled, and counts for nothing here.
    await send(small, 50);
    const rows: string[][] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const idle = residentBytesOf(product.pidOf('worker'));
      resetPeak(product.pidOf('worker'));
      await send(large, 1);
      const peak = peakBytesOf(product.pidOf('worker'));
      rows.push([`${round}`, mib(idle), mib(peak), mib(peak - idle)]);
    }
    return {
      title: TITLE,
      text: `Worker and its judge threads together, MiB.\n\n${table(['round', 'idle', 'peak', 'above idle'], rows)}`,
    };
  } finally {
    await product.stop();
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From now on the kernel counts the peak anew (proc(5), clear_refs). */
function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function peakBytesOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

/** A message with one attachment in base64; `sizeBytes` is what it has on the wire, where each line end has two bytes. */
function message(sizeBytes: number): string {
  const head = [
    'From: Ann <ann@clinic.example>',
    'To: Bob <bob@customer.example>',
    'Subject: large',
    'Date: Tue, 24 Nov 2026 10:00:00 +0000',
    'Message-ID: <large@clinic.example>',
    'MIME-Version: 1.0',
    'Content-Type: application/octet-stream; name="large.bin"',
    'Content-Transfer-Encoding: base64',
    '',
    '',
  ].join('\n');
  const line = `${randomBytes(57).toString('base64')}\n`;
  return head + line.repeat(Math.max(0, Math.floor((sizeBytes - 2 * head.length) / (line.length + 1))));
}
