import { randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { Webhook } from 'standardwebhooks';
import { systemClock } from '#lib/core';
import { Failure } from '../failure.js';
import { RECIPIENTS, SENDER } from './cast.js';
import { canonical } from './original.js';
import type { RestClient } from './rest-client.js';

/** By SMTP, as a mail server of the clinic would; the result is the id of the message. */
export async function sendBySmtp(port: number, message: Buffer): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
  try {
    const raw = canonical(message);
    const info = (await transport.sendMail({ envelope: { from: SENDER, to: RECIPIENTS }, raw })) as {
      readonly response: string;
    };
    const id = /^250 2\.0\.0 (?:\S+ )*?([0-9a-f-]{36})\b/i.exec(info.response)?.[1];
    if (id === undefined) throw new Failure(`The SMTP door answered without an id: ${info.response}`);
    return id;
  } finally {
    transport.close();
  }
}

/** By REST, with an API key. */
export async function sendByRest(rest: RestClient, message: Buffer): Promise<string> {
  const query = new URLSearchParams([
    ['mailFrom', SENDER],
    ...RECIPIENTS.map((address): [string, string] => ['rcptTo', address]),
  ]);
  const { id } = await rest.postAs<{ id: string }>(`/v1/messages?${query.toString()}`, 'message/rfc822', message);
  return id;
}

export interface ConnectorView {
  readonly url: string;
  readonly secret: string;
}

/** By a webhook that is signed as Standard Webhooks says, without any API key. */
export async function sendByWebhook(rest: RestClient, connector: ConnectorView, message: Buffer): Promise<string> {
  const body = JSON.stringify({ mailFrom: SENDER, rcptTo: RECIPIENTS, raw: message.toString('base64') });
  const [id, at] = [`msg_${randomUUID()}`, systemClock.now()];
  const response = await fetch(`${rest.url}${new URL(connector.url).pathname}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': `${Math.floor(at.getTime() / 1000)}`,
      'webhook-signature': new Webhook(connector.secret).sign(id, at, body),
    },
    body,
  });
  const text = await response.text();
  if (response.status !== 202) throw new Failure(`The webhook was answered with ${response.status}: ${text}`);
  return (JSON.parse(text) as { id: string }).id;
}
