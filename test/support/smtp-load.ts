import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SmtpClient } from './smtp-client.js';

/** A load under way. */
export interface Load {
  /** Message-IDs that were answered with 250. */
  readonly accepted: ReadonlySet<string>;
  /** Message-IDs for which no answer came: they may have been accepted or not. */
  readonly unanswered: ReadonlySet<string>;
  /** Resolves when all have been sent; a lost connection or a 4xx is tried again until `stop`. */
  readonly done: Promise<void>;
  stop(): void;
}

/** Sends `count` messages, each with a Message-ID of its own, over so many connections; goes on through outages. */
export function startLoad(options: {
  readonly port: number;
  readonly count: number;
  readonly connections: number;
  readonly mailFrom: string;
  readonly rcptTo: string;
}): Load {
  const accepted = new Set<string>();
  const unanswered = new Set<string>();
  let left = options.count;
  let isStopped = false;
  const worker = async (): Promise<void> => {
    let client: SmtpClient | undefined;
    while (left > 0 && !isStopped) {
      left -= 1;
      const messageId = `<${randomUUID()}@load.example>`;
      let isAnswered = false;
      try {
        client ??= await SmtpClient.connect(options.port);
        const { code } = await client.send(options.mailFrom, [options.rcptTo], messageOf(messageId, options));
        isAnswered = true;
        if (code === 250) accepted.add(messageId);
        else {
          left += 1;
          client.write('RSET\r\n');
          if ((await client.reply()).code !== 250) throw new Error('no answer to RSET');
          await delay(50);
        }
      } catch {
        if (!isAnswered && client !== undefined) unanswered.add(messageId);
        if (!isAnswered) left += 1;
        client?.destroy();
        client = undefined;
        await delay(50);
      }
    }
    client?.destroy();
  };
  const workers = Array.from({ length: options.connections }, worker);
  return {
    accepted,
    unanswered,
    done: Promise.all(workers).then(() => undefined),
    stop: () => {
      isStopped = true;
    },
  };
}

/** The text that no message may leave with in clear. */
export const SECRET = 'the patient is well';

function messageOf(messageId: string, { mailFrom, rcptTo }: { mailFrom: string; rcptTo: string }): Buffer {
  const head = `From: <${mailFrom}>\r\nTo: <${rcptTo}>\r\nSubject: load\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n`;
  const body = `${SECRET}, and this line is one of many.\r\n`.repeat(100);
  return Buffer.from(`${head}Message-ID: ${messageId}\r\nContent-Type: text/plain\r\n\r\n${body}`, 'latin1');
}
