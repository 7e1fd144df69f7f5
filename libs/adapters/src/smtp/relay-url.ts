import { isIP } from 'node:net';
import { Secret } from '#lib/core';
import { AdapterError } from '../errors.js';

/**
 * `none`: never encrypted. `opportunistic`: encrypted where the relay offers it, with whatever certificate, in clear where
 * that fails. `required`: encrypted, with whatever certificate. `verified`: encrypted, with a certificate that is valid
 * for the host.
 */
export type RelayTls = 'none' | 'opportunistic' | 'required' | 'verified';

/** Where mail leaves, as `SEALFLOW_RELAY_URL` says. */
export interface RelayTarget {
  readonly host: string;
  readonly port: number;
  /** Encrypted from the first byte (`smtps://`); else by STARTTLS. */
  readonly isImplicitTls: boolean;
  readonly tls: RelayTls;
  readonly credentials: { readonly user: string; readonly password: Secret } | null;
}

const MODES: Readonly<Record<'smtp:' | 'smtps:', readonly RelayTls[]>> = {
  'smtp:': ['opportunistic', 'none', 'required', 'verified'],
  'smtps:': ['verified', 'required'],
};

/**
 * Reads `smtp://host:port`, `smtps://`, with credentials and `?tls=`. Without it `smtp://` is `opportunistic`, `smtps://`
 * is `verified`. Ports: 25 and 465. Error: `ERR_RELAY_URL_INVALID`, which shows nothing of the URL.
 */
export function parseRelayUrl(url: Secret): RelayTarget {
  const parsed = URL.canParse(url.reveal()) ? new URL(url.reveal()) : undefined;
  if (parsed?.protocol !== 'smtp:' && parsed?.protocol !== 'smtps:') throw invalid('scheme');
  const modes = MODES[parsed.protocol];
  const isImplicitTls = parsed.protocol === 'smtps:';
  const host = hostOf(parsed);
  if (host === undefined) throw invalid('host');
  if (!['', '/'].includes(parsed.pathname) || parsed.hash !== '') throw invalid('path');
  const [given, ...more] = parsed.searchParams;
  if (more.length > 0 || (given !== undefined && given[0] !== 'tls')) throw invalid('query');
  const tls = modes.find((mode) => mode === (given?.[1] ?? modes[0]));
  if (tls === undefined) throw invalid('tls');
  const port = parsed.port === '' ? (isImplicitTls ? 465 : 25) : Number(parsed.port);
  return { host, port, isImplicitTls, tls, credentials: credentialsOf(parsed) };
}

/** Whether the traffic never leaves the machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function hostOf({ hostname }: URL): string | undefined {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return isIP(host) !== 0 || /^[a-z0-9_]([a-z0-9._-]*[a-z0-9])?\.?$/.test(host) ? host : undefined;
}

function credentialsOf({ username, password }: URL): RelayTarget['credentials'] {
  if (username === '' && password === '') return null;
  try {
    const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
    if (user === '' || secret === '') throw invalid('credentials');
    return { user, password: new Secret(secret) };
  } catch {
    throw invalid('credentials');
  }
}

function invalid(part: string): AdapterError {
  return new AdapterError('ERR_RELAY_URL_INVALID', { detail: { part } });
}
