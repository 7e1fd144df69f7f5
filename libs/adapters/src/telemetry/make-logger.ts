import { pino, type DestinationStream, type Logger } from 'pino';

const TEXT_CHARS_MAX = 500;
const DEPTH_MAX = 6;

/** Names of what a log line may say. Everything else is left out, and the line says so: nobody logs content by mistake. */
const FIELDS: ReadonlySet<string> = new Set([
  // who and what
  ...['app', 'pid', 'from', 'messageId', 'organizationId', 'apiKeyId', 'connectorId', 'deliveryId', 'queue', 'worker'],
  // what became of it
  ...['kind', 'code', 'status', 'outcomes', 'dueAt', 'ms', 'count', 'what', 'why', 'how', 'pauseMs', 'reply'],
  // errors
  ...['error', 'at', 'cause', 'detail'],
  // requests, listeners and settings that are no secrets
  ...['method', 'route', 'port', 'concurrency', 'relay', 'isTls'],
]);

/** Records whose names are ours as well: states of recipients, details of errors. */
const OPEN = new Set(['outcomes', 'detail']);
/** Not the `/@` of a path. */
const ADDRESS = /(?:"[^"]*"|[^\s<>"'(),;:/\\]+)@[^\s<>"'(),;:]+/g;

export interface LoggerOptions {
  /** `debug`, `info` (as a rule), `warn`, `error`. */
  readonly level?: string;
  /** Standard output if absent. */
  readonly destination?: DestinationStream;
}

/**
 * The log of a process: JSON lines with `time`, `level`, `app` and `msg`; what is about a message has its id as
 * `messageId`, in every process. Safe by construction: only fields of the list above, only short texts on one line,
 * nothing that looks like an address.
 */
export function makeLogger(app: string, { level = 'info', destination }: LoggerOptions = {}): Logger {
  const options = {
    base: { app },
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (line: Record<string, unknown>) => safeLine(line),
    },
    hooks: {
      logMethod(
        this: Logger,
        args: Parameters<Logger['info']>,
        method: (...given: Parameters<Logger['info']>) => void,
      ) {
        method.apply(this, args.map((one: unknown) => (typeof one === 'string' ? safeText(one) : one)) as typeof args);
      },
    },
    serializers: { err: () => undefined },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function safeLine(line: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = Object.entries(line).filter(([name]) => FIELDS.has(name));
  const left = Object.keys(line).length - known.length;
  const safe = Object.fromEntries(known.map(([name, value]) => [name, safeValue(value, OPEN.has(name), 0)]));
  return left === 0 ? safe : { ...safe, omitted: left };
}

function safeValue(value: unknown, isOpen: boolean, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return safeText(value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return value.toISOString();
      if (depth >= DEPTH_MAX) return '[deep]';
      if (Array.isArray(value)) return value.slice(0, 20).map((one: unknown) => safeValue(one, isOpen, depth + 1));
      if (Object.getPrototypeOf(value) !== Object.prototype) return '[object]';
      return Object.fromEntries(
        Object.entries(value)
          .filter(([name]) => isOpen || FIELDS.has(name))
          .map(([name, one]) => [name, safeValue(one, isOpen || OPEN.has(name), depth + 1)]),
      );
    default:
      return undefined;
  }
}

function safeText(text: string): string {
  const line = text.slice(0, TEXT_CHARS_MAX).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  return line.includes('@') ? line.replace(ADDRESS, '[address]') : line;
}
