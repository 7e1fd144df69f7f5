import { execFileSync } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealMessage } from '#lib/crypto';
import { findTool } from '../test/support/tools.js';
import { median, table, type Section } from './support/report.js';

const PAIRS = 7;
const CERTIFICATE = 'test/vectors/keys/bob.test-cert.pem';
const SIZES = [
  { name: '10 kB', sizeBytes: 10_000, rounds: 2000, peerRounds: 40 },
  { name: '1 MB', sizeBytes: 1_000_000, rounds: 60, peerRounds: 20 },
  { name: '25 MB', sizeBytes: 25_000_000, rounds: 3, peerRounds: 3 },
];

/** S/MIME as the line makes it (MIME entity in, MIME entity out, base64) beside `openssl cms`, a process a message. */
export async function benchSmime(): Promise<Section> {
  const title = 'S/MIME, beside openssl cms';
  const openssl = findTool('openssl');
  if (openssl === undefined) return { title, text: 'Left out: it needs openssl.' };
  const folder = mkdtempSync(join(tmpdir(), 'sealflow-bench-smime-'));
  try {
    const certificate = new X509Certificate(readFileSync(CERTIFICATE)).raw;
    const rows: string[][] = [];
    for (const size of SIZES) {
      const entity = entityOf(size.sizeBytes);
      const file = join(folder, 'entity');
      writeFileSync(file, entity);
      const pairs: { ours: number; peer: number }[] = [];
      for (let pair = 0; pair <= PAIRS; pair += 1) {
        const ours = await ourSecondsEach(entity, certificate, size.rounds);
        const peer = peerSecondsEach(openssl, file, join(folder, 'sealed'), size.peerRounds);
        // The first pair warms up.
        if (pair > 0) pairs.push({ ours, peer });
      }
      rows.push(rowOf(size, pairs));
      process.stderr.write(`  S/MIME ${size.name}\n`);
    }
    return {
      title,
      text: `AES-256-CBC, RSA-2048, one recipient, base64; ${PAIRS} interleaved pairs, medians. openssl starts a process for each message.\n\n${table(['', 'Sealflow', 'openssl cms', 'ratio'], rows)}`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowOf(size: (typeof SIZES)[number], pairs: readonly { ours: number; peer: number }[]): string[] {
  const isSmall = size.sizeBytes < 1_000_000;
  const show = (secondsEach: number): string =>
    isSmall ? `${(1 / secondsEach).toFixed(0)} messages/s` : `${(size.sizeBytes / secondsEach / 1e6).toFixed(0)} MB/s`;
  return [
    size.name,
    show(median(pairs.map(({ ours }) => ours))),
    show(median(pairs.map(({ peer }) => peer))),
    median(pairs.map(({ ours, peer }) => peer / ours)).toFixed(2),
  ];
}

async function ourSecondsEach(entity: Buffer, certificate: Buffer, rounds: number): Promise<number> {
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    const sealed = sealMessage({
      entity: pieces(entity),
      entitySizeBytes: entity.length,
      certificates: [certificate],
      random: randomBytes,
    });
    let sizeBytes = 0;
    for await (const piece of sealed.stream) sizeBytes += piece.length;
    if (sizeBytes !== sealed.sizeBytes) throw new Error('the sealed message is not as long as was said');
  }
  return (performance.now() - start) / 1000 / rounds;
}

function* pieces(entity: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < entity.length; at += 65_536) yield entity.subarray(at, at + 65_536);
}

function peerSecondsEach(openssl: string, file: string, sealed: string, rounds: number): number {
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    execFileSync(openssl, ['cms', '-encrypt', '-aes256', '-stream', '-in', file, '-out', sealed, CERTIFICATE]);
  }
  return (performance.now() - start) / 1000 / rounds;
}

/** A MIME entity whose body is base64, as attachments are. */
function entityOf(sizeBytes: number): Buffer {
  const head = 'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const line = `${randomBytes(57).toString('base64')}\r\n`;
  const body = line.repeat(Math.ceil((sizeBytes - head.length) / line.length)).slice(0, sizeBytes - head.length);
  return Buffer.from(head + body, 'latin1');
}
